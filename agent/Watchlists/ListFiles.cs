using System.Security.Cryptography;
using System.Text;
using EdgeAgent.Agent.Hosting;

namespace EdgeAgent.Agent.Watchlists;

/// <summary>
/// Lists at rest: the signed envelope encrypted under a key of the list's own, which lies beside it wrapped by the unit key.
/// Destroying a list removes the key first: what is left, in whatever block of the disk, opens for nobody.
/// </summary>
internal sealed class ListFiles
{
    private const int KeyBytes = 32, NonceBytes = 12, TagBytes = 16;

    private readonly string folder;
    private readonly UnitVault vault;

    public ListFiles(string folder, UnitVault vault)
    {
        this.folder = folder;
        this.vault = vault;
        SafeFile.CreateFolder(folder);
        Memory = new ListMemory(folder);
    }

    /// <summary>What outlives the lists themselves.</summary>
    public ListMemory Memory { get; }

    /// <summary>Stores a version of a list under a new key; the version before it is destroyed with its key.</summary>
    public void Save(string listId, ReadOnlySpan<byte> envelope)
    {
        byte[] key = RandomNumberGenerator.GetBytes(KeyBytes);
        byte[] output = Encrypt(key, listId, envelope);
        // Key and content name each other's version, so that a crash between the two writes is seen, not mistaken for damage.
        string name = NameOf(listId), version = Convert.ToHexStringLower(SHA256.HashData(output)[..8]);
        SafeFile.Replace(Path.Combine(folder, $"{name}.{version}.key"), vault.Seal(KeyPurpose(listId), key));
        CryptographicOperations.ZeroMemory(key);
        SafeFile.Replace(Path.Combine(folder, $"{name}.{version}.list"), output);
        SafeFile.Replace(Path.Combine(folder, $"{name}.name"), vault.Seal("list-name", Encoding.UTF8.GetBytes($"{version}{listId}")));
        RemoveAll(Directory.GetFiles(folder, $"{name}.*").Where(f =>
            !f.EndsWith(".name", StringComparison.Ordinal) && !f.Contains(version, StringComparison.Ordinal)));
    }

    /// <summary>Stores a delta behind the list that it builds on and the deltas before it, under the same key.</summary>
    /// <exception cref="CryptographicException">The list itself cannot be opened.</exception>
    public void Append(string listId, ReadOnlySpan<byte> delta)
    {
        string name = NameOf(listId);
        string version = OpenName(File.ReadAllBytes(Path.Combine(folder, $"{name}.name"))).Version;
        int number = 1;
        while (File.Exists(DeltaFile(name, version, number)))
            number++;
        byte[] key = OpenKey(listId, version);
        SafeFile.Replace(DeltaFile(name, version, number), Encrypt(key, DeltaPurpose(listId, number), delta));
        CryptographicOperations.ZeroMemory(key);
    }

    /// <summary>
    /// Every list that can be opened, each as it came whole and then its deltas, and the names of files that cannot. What belongs to
    /// none that can is removed, with its key: nothing would ever end it. A disk that cannot be read now is not taken for damage.
    /// </summary>
    public (IReadOnlyList<(string ListId, IReadOnlyList<byte[]> Envelopes)> Lists, IReadOnlyList<string> Damaged) LoadAll()
    {
        var lists = new List<(string, IReadOnlyList<byte[]>)>();
        var damaged = new List<string>();
        var kept = new List<string> { ListMemory.FileName };
        foreach (string nameFile in Directory.GetFiles(folder, "*.name"))
        {
            try
            {
                (string version, string listId) = OpenName(File.ReadAllBytes(nameFile));
                lists.Add((listId, Open(listId, version)));
                kept.AddRange([Path.GetFileName(nameFile), $"{NameOf(listId)}.{version}."]);
            }
            catch (Exception error) when (error is CryptographicException or IOException)
            {
                damaged.Add(Path.GetFileName(nameFile));
                if (error is IOException and not FileNotFoundException)
                    kept.Add(Path.GetFileNameWithoutExtension(nameFile));
            }
        }
        RemoveAll(Directory.GetFiles(folder).Where(f => !kept.Any(k => Path.GetFileName(f).StartsWith(k, StringComparison.Ordinal))));
        return (lists, damaged);
    }

    public void Destroy(string listId) => RemoveAll(Directory.GetFiles(folder, $"{NameOf(listId)}.*"));

    // Keys go first: what a power cut leaves behind then opens for nobody.
    private static void RemoveAll(IEnumerable<string> files)
    {
        foreach (string file in files.OrderBy(f => !f.EndsWith(".key", StringComparison.Ordinal)))
            SafeFile.Remove(file);
    }

    private List<byte[]> Open(string listId, string version)
    {
        string name = NameOf(listId);
        byte[] key = OpenKey(listId, version);
        var envelopes = new List<byte[]> { Decrypt(key, listId, File.ReadAllBytes(Path.Combine(folder, $"{name}.{version}.list"))) };
        for (int number = 1; File.Exists(DeltaFile(name, version, number)); number++)
            envelopes.Add(Decrypt(key, DeltaPurpose(listId, number), File.ReadAllBytes(DeltaFile(name, version, number))));
        CryptographicOperations.ZeroMemory(key);
        return envelopes;
    }

    private (string Version, string ListId) OpenName(byte[] stored)
    {
        string named = Encoding.UTF8.GetString(vault.Open("list-name", stored));
        return (named[..16], named[16..]);
    }

    private byte[] OpenKey(string listId, string version) =>
        vault.Open(KeyPurpose(listId), File.ReadAllBytes(Path.Combine(folder, $"{NameOf(listId)}.{version}.key")));

    private string DeltaFile(string name, string version, int number) => Path.Combine(folder, $"{name}.{version}.{number}.delta");

    private static byte[] Encrypt(byte[] key, string purpose, ReadOnlySpan<byte> envelope)
    {
        byte[] output = new byte[NonceBytes + envelope.Length + TagBytes];
        Span<byte> nonce = output.AsSpan(0, NonceBytes), tag = output.AsSpan(NonceBytes + envelope.Length);
        RandomNumberGenerator.Fill(nonce);
        using var cipher = new AesGcm(key, TagBytes);
        cipher.Encrypt(nonce, envelope, output.AsSpan(NonceBytes, envelope.Length), tag, Encoding.UTF8.GetBytes(purpose));
        return output;
    }

    private static byte[] Decrypt(byte[] key, string purpose, byte[] stored)
    {
        if (stored.Length < NonceBytes + TagBytes)
            throw new CryptographicException("The list's file is cut short.");
        byte[] envelope = new byte[stored.Length - NonceBytes - TagBytes];
        using var cipher = new AesGcm(key, TagBytes);
        ReadOnlySpan<byte> tag = stored.AsSpan(NonceBytes + envelope.Length);
        cipher.Decrypt(stored.AsSpan(0, NonceBytes), stored.AsSpan(NonceBytes, envelope.Length), tag, envelope, Encoding.UTF8.GetBytes(purpose));
        return envelope;
    }

    private static string DeltaPurpose(string listId, int number) => $"{listId} delta {number}";

    private static string KeyPurpose(string listId) => $"list-key {listId}";

    // Ids come from outside: a hash makes a safe file name of any of them.
    private static string NameOf(string listId) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(listId))[..16]);
}
