using System.IO.Compression;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using EdgeAgent.Contract;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Exhibits;

/// <summary>Whether a package is what a centre exported: its signature, and each file against the signed record.</summary>
internal static class PackageCheck
{
    private const long MostEntryBytes = 256 << 20;

    private static readonly string[] Beside = [ExportPackage.RecordName, ExportPackage.EnvelopeName, ExportPackage.CertificateName, ExportPackage.WordsName];

    /// <summary>What is wrong, in words; empty: nothing.</summary>
    /// <param name="zip">The package.</param>
    /// <param name="centre">The centre's own certificate, from elsewhere than the package.</param>
    public static IReadOnlyList<string> Problems(Stream zip, X509Certificate2 centre)
    {
        try
        {
            using var archive = new ZipArchive(zip, ZipArchiveMode.Read, leaveOpen: true);
            if (archive.Entries.GroupBy(entry => entry.FullName).FirstOrDefault(same => same.Count() > 1) is { } twice)
                return [$"{twice.Key} is in the package more than once."];
            var envelope = SignedEnvelope.Parser.ParseFrom(Bytes(archive, ExportPackage.EnvelopeName));
            if (Envelopes.OpenTrusted(envelope, ExportPackage.CustodyType, SignerRole.Centre, [centre]) is not { } signed)
                return ["The custody record is not signed by this centre."];
            if (!Bytes(archive, ExportPackage.RecordName).AsSpan().SequenceEqual(signed.Span))
                return ["custody.json is not the record that was signed."];
            var record = JsonSerializer.Deserialize<CustodyRecord>(signed.Span, ExportPackage.Json)!;
            return [.. Faults(archive, record)];
        }
        catch (Exception e) when (e is InvalidDataException or InvalidProtocolBufferException or JsonException)
        {
            return [$"This is no package of evidence: {e.Message}"];
        }
    }

    private static IEnumerable<string> Faults(ZipArchive archive, CustodyRecord record)
    {
        foreach (var file in record.Files)
        {
            if (archive.GetEntry(file.Name) is null)
                yield return $"{file.Name} is missing.";
            else if (Convert.ToHexStringLower(SHA256.HashData(Bytes(archive, file.Name))) != file.Sha256)
                yield return $"{file.Name} was changed.";
        }
        foreach (var stranger in archive.Entries.Select(entry => entry.FullName).Except([.. Beside, .. record.Files.Select(file => file.Name)]))
            yield return $"{stranger} does not belong to this package.";
    }

    private static byte[] Bytes(ZipArchive archive, string name)
    {
        var entry = archive.GetEntry(name) ?? throw new InvalidDataException($"{name} is missing.");
        if (entry.Length > MostEntryBytes)
            throw new InvalidDataException($"{name} is larger than any evidence.");
        using var stream = entry.Open();
        using var content = new MemoryStream();
        stream.CopyTo(content);
        return content.ToArray();
    }
}
