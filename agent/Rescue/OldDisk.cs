using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using EdgeAgent.Agent.Audit;
using EdgeAgent.Agent.Hosting;

namespace EdgeAgent.Agent.Rescue;

/// <summary>The data folder of a box that is dead, on its disk: only ever read, so that a rescue can begin again.</summary>
internal sealed class OldDisk
{
    private const int BlockBytes = 1 << 20;
    private const string Facts = "identity/unit.json", Certificate = "identity/unit.crt";

    // The key's file where there is one; else what only a TPM opens.
    private static readonly string[] Keys = ["vault.key", "vault.tpm"];

    private static readonly string[] Files = [Facts, Certificate, "events.db", "events.db-wal"];

    private static readonly string[] Folders = ["attachments", "audit"];

    private readonly string folder;

    /// <exception cref="RescueException">not_a_data_folder, old_box_runs.</exception>
    public OldDisk(string folder)
    {
        this.folder = Path.GetFullPath(folder);
        if (!File.Exists(Path.Combine(this.folder, "events.db")) || !File.Exists(Path.Combine(this.folder, Facts)) || !File.Exists(Path.Combine(this.folder, Certificate)))
            throw new RescueException("not_a_data_folder", $"{folder} is no agent's data folder with an outbox and an identity: mount the old disk, and name the folder that holds events.db.");
        if (IsAlive(this.folder))
            throw new RescueException("old_box_runs", $"An agent runs over {folder}: it delivers by itself. A rescue is for a disk whose box is dead.");
        UnitId = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(this.folder, Facts))).RootElement.GetProperty("unitId").GetString() ?? "";
    }

    /// <summary>Whose events these are.</summary>
    public string UnitId { get; }

    /// <summary>Whether an agent's process answers over this folder.</summary>
    public static bool IsAlive(string data)
    {
        string door = Path.Combine(data, "run", TechnicianDoor.SocketName);
        if (!File.Exists(door))
            return false;
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            socket.Connect(new UnixDomainSocketEndPoint(door));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>Copies what is rescued; whole and synced, or not there, when the power goes.</summary>
    /// <param name="rescued">Below the new box's data folder.</param>
    /// <returns>The copy's folder. One that an earlier run made is taken as it is.</returns>
    public string CopyTo(string rescued, Action<string> progress)
    {
        SafeFile.CreateFolder(rescued);
        string target = Path.Combine(rescued, Name()), part = target + ".part";
        if (Directory.Exists(target))
            return target;
        if (Directory.Exists(part))
            Directory.Delete(part, recursive: true);
        SafeFile.CreateFolder(part);
        foreach (string file in Files.Append(Keys.FirstOrDefault(key => File.Exists(Path.Combine(folder, key)))).OfType<string>()
            .Concat(Folders.SelectMany(Within)))
            Copy(file, part, progress);
        foreach (string made in Directory.EnumerateDirectories(part, "*", SearchOption.AllDirectories).Append(part))
            SafeFile.SyncFolder(made);
        Directory.Move(part, target);
        SafeFile.SyncFolder(rescued);
        return target;
    }

    /// <summary>Whether the audit chain in a copy is unbroken, by the old unit's own certificate.</summary>
    public static ChainVerdict? VerifyAudit(string copy)
    {
        string chain = Path.Combine(copy, "audit", "audit.log");
        if (!File.Exists(chain))
            return null;
        using X509Certificate2 unit = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(copy, Certificate));
        using FileStream file = File.OpenRead(chain);
        return AuditChain.Verify(file, unit, null);
    }

    // A unit may lose more than one box: the vault's key, or what holds it, is another in each.
    private string Name()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string file in Keys.Append(Certificate).Select(f => Path.Combine(folder, f)).Where(File.Exists))
            hash.AppendData(File.ReadAllBytes(file));
        return $"{UnitId}-{Convert.ToHexStringLower(hash.GetHashAndReset()[..6])}";
    }

    private IEnumerable<string> Within(string name) => Directory.Exists(Path.Combine(folder, name))
        ? Directory.EnumerateFiles(Path.Combine(folder, name), "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(folder, f))
        : [];

    private void Copy(string file, string part, Action<string> progress)
    {
        string from = Path.Combine(folder, file), to = Path.Combine(part, file);
        if (!File.Exists(from))
            return;
        _ = Directory.CreateDirectory(Path.GetDirectoryName(to)!, SafeFile.OwnerFolder);
        using FileStream source = File.OpenRead(from);
        using var copy = new FileStream(to, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = SafeFile.OwnerOnly });
        source.CopyTo(copy, BlockBytes);
        copy.Flush(flushToDisk: true);
        progress($"copied {file}");
    }
}
