using System.Buffers.Binary;
using System.IO.Compression;
using System.Security.Cryptography;
using EdgeAgent.Contract;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.DispatchClient.Releases;

/// <summary>Packs a folder as one signed bundle.</summary>
public static class BundleWriter
{
    private const UnixFileMode Executable = UnixFileMode.UserExecute;

    /// <param name="folder">All its files go in; a link in it is refused, since a bundle holds none.</param>
    /// <param name="head">Product, architecture, version, number, time, program and list of parts; the rest is filled in.</param>
    /// <param name="signer">A releaser, with their certificate.</param>
    /// <param name="to">The bundle, replaced whole.</param>
    /// <param name="compression">Of the payload.</param>
    /// <exception cref="ReleaseException">bad_manifest.</exception>
    public static ReleaseManifest Write(string folder, ReleaseManifest head, EnvelopeSigner signer, string to, CompressionLevel compression = CompressionLevel.Optimal)
    {
        ArgumentNullException.ThrowIfNull(head);
        ReleaseManifest manifest = head.Clone();
        manifest.Files.Clear();
        manifest.Files.AddRange(Paths(folder).Select(path => Describe(folder, path)));
        string payload = to + ".payload", unfinished = to + ".new";
        try
        {
            (manifest.PayloadBytes, manifest.PayloadSha256) = WritePayload(folder, manifest, payload, compression);
            if (ManifestRules.Problem(manifest) is { } problem)
                throw new ReleaseException(ReleaseCodes.BadManifest, $"This cannot be a release: {problem}.");
            WriteBundle(Envelopes.Sign(Envelopes.ReleaseType, manifest.ToByteArray(), signer), payload, unfinished);
            File.Move(unfinished, to, overwrite: true);
        }
        finally
        {
            File.Delete(payload);
            File.Delete(unfinished);
        }
        return manifest;
    }

    /// <summary>A manifest in its envelope, and bytes for its payload, as one bundle. What is in them is not looked at.</summary>
    internal static void WriteBundle(SignedEnvelope envelope, string payloadFile, string to)
    {
        byte[] signed = envelope.ToByteArray();
        using FileStream bundle = File.Create(to);
        Span<byte> length = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(length, (uint)signed.Length);
        bundle.Write(BundleHead.Magic);
        bundle.Write(length);
        bundle.Write(signed);
        using (FileStream payload = File.OpenRead(payloadFile))
            payload.CopyTo(bundle);
        bundle.Flush(flushToDisk: true);
    }

    internal static (ulong Bytes, ByteString Sha256) WritePayload(string folder, ReleaseManifest manifest, string to, CompressionLevel compression)
    {
        using FileStream payload = File.Create(to);
        using (var packed = new BrotliStream(payload, compression, leaveOpen: true))
        {
            foreach (ReleaseFile file in manifest.Files)
            {
                using FileStream from = File.OpenRead(Path.Combine(folder, file.Path));
                from.CopyTo(packed);
            }
        }
        payload.Position = 0;
        return ((ulong)payload.Length, ByteString.CopyFrom(SHA256.HashData(payload)));
    }

    private static IEnumerable<string> Paths(string folder) =>
        Directory.EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories)
            .Where(path => new FileInfo(path).LinkTarget is null ? File.Exists(path)
                : throw new ReleaseException(ReleaseCodes.BadManifest, $"{path} is a link: a release holds files only."))
            .Select(path => Path.GetRelativePath(folder, path))
            .Order(StringComparer.Ordinal);

    private static ReleaseFile Describe(string folder, string path)
    {
        string file = Path.Combine(folder, path);
        using FileStream content = File.OpenRead(file);
        return new ReleaseFile
        {
            Path = path,
            Executable = (File.GetUnixFileMode(file) & Executable) != 0,
            SizeBytes = (ulong)content.Length,
            Sha256 = ByteString.CopyFrom(SHA256.HashData(content)),
        };
    }
}
