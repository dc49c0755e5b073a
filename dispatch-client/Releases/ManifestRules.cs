using System.Security.Cryptography;
using Patrol.Dispatch.V1;

namespace EdgeAgent.DispatchClient.Releases;

/// <summary>What a manifest must be, whoever signed it. The same rules stand before packing and after opening.</summary>
internal static class ManifestRules
{
    public const int MostFiles = 20_000;
    public const ulong MostBytes = 4UL << 30;
    private const int LongestPath = 255, LongestWord = 64;

    /// <summary>What is wrong, in one sentence; null when nothing is.</summary>
    public static string? Problem(ReleaseManifest manifest)
    {
        if (!IsWord(manifest.Product) || !IsWord(manifest.Architecture) || !IsWord(manifest.Version))
            return $"product, architecture or version is empty, longer than {LongestWord} characters, or has others than letters, digits and . - + _";
        if (manifest.Number == 0)
            return "it has no number";
        if (manifest.Files.Count is 0 or > MostFiles)
            return $"it names {manifest.Files.Count} files: 1 to {MostFiles} are allowed";
        if (manifest.PayloadBytes > MostBytes || manifest.PayloadSha256.Length != SHA256.HashSizeInBytes)
            return "what it says of the bytes that follow is not possible";
        ulong sum = 0;
        string before = "";
        foreach (ReleaseFile file in manifest.Files)
        {
            if (!IsPath(file.Path))
                return $"the path '{file.Path}' is not one within the slot";
            if (string.CompareOrdinal(before, file.Path) >= 0)
                return $"the path '{file.Path}' stands twice or out of order";
            if (file.Sha256.Length != SHA256.HashSizeInBytes || file.SizeBytes > MostBytes)
                return $"what it says of '{file.Path}' is not possible";
            // Neither can overflow: both are at most 4 GiB.
            sum += file.SizeBytes;
            before = file.Path;
        }
        return sum > MostBytes ? $"its files have {sum} bytes together: at most {MostBytes} are allowed"
            : Find(manifest, manifest.Program) is not { Executable: true } ? $"the program '{manifest.Program}' is none of its executable files"
            : Find(manifest, manifest.Sbom) is null ? $"the list of parts '{manifest.Sbom}' is none of its files"
            : Shadow(manifest) is { } shadowed ? $"the path '{shadowed}' is a file and a folder" : null;
    }

    private static string? Shadow(ReleaseManifest manifest)
    {
        HashSet<string> files = [.. manifest.Files.Select(file => file.Path)];
        return manifest.Files.SelectMany(file => Parents(file.Path)).FirstOrDefault(files.Contains);
    }

    public static IEnumerable<string> Parents(string path)
    {
        for (int at = path.LastIndexOf('/'); at > 0; at = path.LastIndexOf('/', at - 1))
            yield return path[..at];
    }

    private static ReleaseFile? Find(ReleaseManifest manifest, string path) => manifest.Files.FirstOrDefault(file => file.Path == path);

    /// <summary>Relative, of plain parts, in characters that no shell, terminal or file system reads in its own way.</summary>
    private static bool IsPath(string path) =>
        path.Length is > 0 and <= LongestPath
        && path.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '+' or '_' or '/' or ' ' or '@' or '~' or '(' or ')' or ',' or '=')
        && path.Split('/').All(part => part is not ("" or "." or ".."));

    private static bool IsWord(string word) =>
        word.Length is > 0 and <= LongestWord && word.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '+' or '_');
}
