using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using EdgeAgent.CommandCentre.Identity;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Exhibits;

internal sealed record CustodyFile(string Name, string Sha256, long SizeBytes, string MediaType);

/// <summary>What goes with exported evidence, signed by the centre as it stands.</summary>
/// <param name="SourceSha256">Of a copy: the content that it was made of.</param>
internal sealed record CustodyRecord(
    int Version, string ItemId, string Kind, bool Redacted, string UnitId, string CameraId, long FromUnixMs, long ToUnixMs, string CallNumber, string? SourceId, string? SourceSha256,
    string ExportedBy, string Role, string Reason, long ExportedAtUnixMs, IReadOnlyList<CustodyFile> Files, IReadOnlyList<CustodyOrigin> Origins, IReadOnlyList<CustodyStep> Custody);

/// <summary>
/// Evidence as it leaves the centre: a ZIP of the files, the custody record, the centre's signature over that record as it stands, its
/// certificate, and how to verify all of it, in words.
/// </summary>
internal sealed class ExportPackage(ExhibitStore store, EvidenceItems items, Custody custody, CentreSigner signer, TimeProvider time)
{
    public const string CustodyType = "application/vnd.patrol.custody.v1";
    public const string RecordName = "custody.json", EnvelopeName = "custody.envelope", CertificateName = "centre.pem", WordsName = "VERIFY.txt", FilesFolder = "evidence/";

    public static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web) { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <exception cref="CryptographicException">A file was changed since it was stored.</exception>
    public byte[] Make(EvidenceItem item, string by, string role, string reason)
    {
        var contents = Contents(item).ToList();
        var source = item.Made?.SourceId is { } id && item.Kind == ExhibitTable.Copy ? items.Find(id) : null;
        var record = new CustodyRecord(
            1, item.Id.ToString(), item.Kind, item.Kind == ExhibitTable.Copy, item.UnitId, item.CameraId, item.FromUnixMs, item.ToUnixMs, item.Words.CallNumber,
            item.Made?.SourceId?.ToString(), source?.File.Sha256 is { } hash ? Convert.ToHexStringLower(hash) : null,
            by, role, reason, time.GetUtcNow().ToUnixTimeMilliseconds(),
            [.. contents.Select(file => new CustodyFile(file.Name, Convert.ToHexStringLower(SHA256.HashData(file.Content)), file.Content.Length, file.MediaType))],
            [.. custody.Origins(item), .. source is null ? [] : custody.Origins(source)],
            custody.Steps(source is null ? [item.Id] : [item.Id, source.Id]));
        var payload = JsonSerializer.SerializeToUtf8Bytes(record, Json);
        var envelope = signer.Sign(CustodyType, payload);
        using var zip = new MemoryStream();
        using (var archive = new ZipArchive(zip, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content, _) in contents)
                Add(archive, name, content, CompressionLevel.NoCompression);
            Add(archive, RecordName, payload);
            Add(archive, EnvelopeName, envelope.ToByteArray());
            Add(archive, CertificateName, System.Text.Encoding.ASCII.GetBytes(signer.Certificate.ExportCertificatePem() + "\n"));
            Add(archive, WordsName, System.Text.Encoding.UTF8.GetBytes(VerifyWords.Of(record, signer.Certificate)));
        }
        return zip.ToArray();
    }

    private IEnumerable<(string Name, byte[] Content, string MediaType)> Contents(EvidenceItem item)
    {
        if (item.File is { State: "here", Sha256: { } sha256, SizeBytes: { } size })
            yield return ($"{FilesFolder}{item.Id}.{(item.File.MediaType.StartsWith("image/", StringComparison.Ordinal) ? "jpg" : "mp4")}", store.Read(sha256, size), item.File.MediaType);
        if (item.Told is { } told && Alert.Parser.ParseFrom(told.Event.AlertDecided.Alert) is { SeenJpeg.IsEmpty: false } alert)
            yield return ($"{FilesFolder}{item.Id}-seen.jpg", alert.SeenJpeg.ToByteArray(), "image/jpeg");
    }

    private static void Add(ZipArchive archive, string name, byte[] content, CompressionLevel level = CompressionLevel.Optimal)
    {
        using var entry = archive.CreateEntry(name, level).Open();
        entry.Write(content);
    }
}
