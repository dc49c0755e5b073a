using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using EdgeAgent.DispatchClient.Outbox;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.DispatchClient.Identity;

/// <summary>Writes an identity directory in one step: a cut leaves the old one, or none, never half of a new one.</summary>
internal static class IdentityWriter
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnerDirectory = OwnerOnly | UnixFileMode.UserExecute;
    private const UnixFileMode Readable = OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    public static void Write(string directory, UnitKey key, EnrolReply reply, UnitFacts facts)
    {
        if (OperatingSystem.IsWindows())
            throw new PlatformNotSupportedException("An identity is kept by file modes that Windows does not have.");
        var place = Path.GetFullPath(directory).TrimEnd(Path.DirectorySeparatorChar);
        var parent = Path.GetDirectoryName(place)!;
        Directory.CreateDirectory(parent);
        var unfinished = $"{place}.new-{Guid.NewGuid():N}";
        Directory.CreateDirectory(unfinished, OwnerDirectory);
        try
        {
            WriteFile(unfinished, key.OnDisk.Name, OwnerOnly, key.OnDisk.Text);
            WriteFile(unfinished, IdentityFiles.Certificate, Readable, Pem([reply.Certificate]));
            WriteFile(unfinished, IdentityFiles.DeviceRoots, Readable, Pem(reply.DeviceRoots));
            WriteFile(unfinished, IdentityFiles.ListRoots, Readable, Pem(reply.ListRoots));
            WriteFile(unfinished, IdentityFiles.CentreSigners, Readable, Pem(reply.CentreSigners));
            WriteFile(unfinished, IdentityFiles.Facts, Readable, JsonSerializer.Serialize(facts, UnitFactsJson.Default.UnitFacts) + "\n");
            DirectorySync.Flush(unfinished);
            using (UnitIdentity.Load(unfinished))
            {
                // Read back before anything is replaced: an identity that cannot be loaded must not take the place of one that can.
            }
            if (Directory.Exists(place))
                Directory.Move(place, $"{place}.old-{facts.EnrolledAtUnixMs}");
            Directory.Move(unfinished, place);
            DirectorySync.Flush(parent);
        }
        catch
        {
            if (Directory.Exists(unfinished))
                Directory.Delete(unfinished, recursive: true);
            throw;
        }
    }

    [UnsupportedOSPlatform("windows")]
    private static void WriteFile(string directory, string name, UnixFileMode mode, string text)
    {
        using var file = new FileStream(Path.Combine(directory, name), new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = mode,
        });
        file.Write(Encoding.UTF8.GetBytes(text));
        file.Flush(flushToDisk: true);
    }

    private static string Pem(IEnumerable<ByteString> certificates) =>
        string.Concat(certificates.Select(der => new string(PemEncoding.Write("CERTIFICATE", der.Span)) + "\n"));
}
