using System.IO.Compression;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgeAgent.Contract;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.DispatchClient.Releases;

/// <summary>
/// One release in one file: <see cref="BundleHead"/>, then the bytes of all files, in the manifest's order, as one Brotli stream. No byte is looked at before what stands
/// before it was found signed; none is decompressed before all of them have the signed hash.
/// </summary>
public sealed class Bundle : IDisposable
{
    private const int BlockBytes = 128 << 10;

    private readonly FileStream file;
    private readonly long payloadAt;

    private Bundle(FileStream file, byte[] envelope, ReleaseManifest manifest)
    {
        (this.file, EnvelopeBytes, Manifest) = (file, envelope, manifest);
        payloadAt = file.Position;
    }

    /// <summary>What the manifest is kept as beside the files it names.</summary>
    public byte[] EnvelopeBytes { get; }

    public ReleaseManifest Manifest { get; }

    /// <summary>Opens a bundle whose manifest is signed, sound and meant for this box. Its payload was not looked at yet.</summary>
    /// <exception cref="ReleaseException">Refused: any code from not_a_bundle to foreign_architecture, truncated, trailing_bytes.</exception>
    public static Bundle Open(string path, ReleaseTrust trust)
    {
        ArgumentNullException.ThrowIfNull(trust);
        FileStream? file = null;
        try
        {
            file = File.OpenRead(path);
            byte[] envelope = BundleHead.Read(file)
                ?? throw new ReleaseException(ReleaseCodes.NotABundle, $"{path} is no release bundle, or only its beginning.");
            ReleaseManifest manifest = Verify(envelope, trust);
            if (manifest.Product != trust.Product)
                throw new ReleaseException(ReleaseCodes.ForeignProduct, $"This is a release of {manifest.Product}, and this box runs {trust.Product}.");
            if (manifest.Architecture != trust.Architecture)
                throw new ReleaseException(ReleaseCodes.ForeignArchitecture, $"This release is for {manifest.Architecture} machines, and this one is {trust.Architecture}.");
            ulong left = (ulong)(file.Length - file.Position);
            return left == manifest.PayloadBytes ? new Bundle(file, envelope, manifest)
                : throw new ReleaseException(
                    left < manifest.PayloadBytes ? ReleaseCodes.Truncated : ReleaseCodes.Trailing,
                    $"{left} bytes follow the manifest of {path}, which speaks of {manifest.PayloadBytes}: fetch it again.");
        }
        catch
        {
            file?.Dispose();
            throw;
        }
    }

    /// <summary>Holds the payload against its signed hash.</summary>
    /// <exception cref="ReleaseException">damaged.</exception>
    public void VerifyPayload(Action<ReleaseProgress>? progress = null)
    {
        file.Position = payloadAt;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] block = new byte[BlockBytes];
        long done = 0, total = (long)Manifest.PayloadBytes;
        while (done < total)
        {
            int read = file.Read(block, 0, (int)Math.Min(BlockBytes, total - done));
            if (read == 0)
                break;
            hash.AppendData(block, 0, read);
            done += read;
            progress?.Invoke(new ReleaseProgress("verify", done, total));
        }
        if (!hash.GetHashAndReset().AsSpan().SequenceEqual(Manifest.PayloadSha256.Span))
            throw new ReleaseException(ReleaseCodes.Damaged, $"The bytes of {file.Name} are not those that were signed: fetch it again.");
    }

    /// <summary>Writes the files into an empty folder, each synced to the disk and held against its signed hash on the way.</summary>
    /// <exception cref="ReleaseException">damaged.</exception>
    public void Extract(string folder, Action<ReleaseProgress>? progress = null)
    {
        file.Position = payloadAt;
        using var unpacked = new BrotliStream(file, CompressionMode.Decompress, leaveOpen: true);
        byte[] block = new byte[BlockBytes];
        long done = 0, total = Manifest.Files.Sum(entry => (long)entry.SizeBytes);
        try
        {
            foreach (ReleaseFile entry in Manifest.Files)
            {
                string path = Path.Combine(folder, entry.Path);
                _ = Directory.CreateDirectory(Path.GetDirectoryName(path)!, SlotFiles.OwnerFolder);
                using FileStream to = SlotFiles.CreateNew(path, entry.Executable);
                CopyOne(unpacked, to, entry, block);
                to.Flush(flushToDisk: true);
                SlotFiles.LeaveCache(to);
                done += (long)entry.SizeBytes;
                progress?.Invoke(new ReleaseProgress("write", done, total));
            }
            if (unpacked.ReadByte() >= 0)
                throw new InvalidDataException("more bytes than its files have");
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            throw new ReleaseException(ReleaseCodes.Damaged, $"The files of {file.Name} do not come out as they were signed ({e.Message}).", e);
        }
    }

    public void Dispose() => file.Dispose();

    private static void CopyOne(Stream from, FileStream to, ReleaseFile entry, byte[] block)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (long left = (long)entry.SizeBytes; left > 0;)
        {
            int read = from.Read(block, 0, (int)Math.Min(block.Length, left));
            if (read == 0)
                throw new EndOfStreamException($"it ends within {entry.Path}");
            hash.AppendData(block, 0, read);
            to.Write(block, 0, read);
            left -= read;
        }
        if (!hash.GetHashAndReset().AsSpan().SequenceEqual(entry.Sha256.Span))
            throw new InvalidDataException($"{entry.Path} has another hash");
    }

    /// <summary>The manifest, if somebody who may release signed it.</summary>
    /// <exception cref="ReleaseException">not_a_bundle, unsigned, unknown_releaser, not_for_releases, bad_signature, bad_manifest.</exception>
    internal static ReleaseManifest Verify(byte[] envelopeBytes, ReleaseTrust trust)
    {
        SignedEnvelope envelope;
        try
        {
            envelope = SignedEnvelope.Parser.ParseFrom(envelopeBytes);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new ReleaseException(ReleaseCodes.NotABundle, "What should be the manifest's envelope cannot be read as one.", e);
        }
        if (envelope.PayloadType != Envelopes.ReleaseType)
            throw new ReleaseException(ReleaseCodes.NotABundle, "What is signed in this bundle is no release.");
        if (envelope.Signatures.FirstOrDefault(s => s.Role == SignerRole.Issuer) is not { Certificates.Count: > 0 } signature)
            throw new ReleaseException(ReleaseCodes.NoSignature, "The release carries no signature of a releaser with their certificate.");
        (X509Certificate2 certificate, DateTimeOffset from, DateTimeOffset to) = Certificate(signature.Certificates[0]);
        using X509Certificate2 releaser = certificate;
        if (!ReleaseCertificates.LeadsTo(releaser, trust.Roots, from))
            throw new ReleaseException(ReleaseCodes.UnknownReleaser, "The releaser's certificate does not come from a release root that this box knows.");
        if (!ReleaseCertificates.MayRelease(releaser))
            throw new ReleaseException(ReleaseCodes.NotForReleases, $"The certificate of {releaser.GetNameInfo(X509NameType.SimpleName, false)} does not allow to release software.");
        if (!Envelopes.VerifySignature(envelope, signature, releaser))
            throw new ReleaseException(ReleaseCodes.BadSignature, "The signature does not match: the release was changed after it was signed.");
        ReleaseManifest manifest;
        try
        {
            manifest = ReleaseManifest.Parser.ParseFrom(envelope.Payload);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new ReleaseException(ReleaseCodes.BadManifest, "The signed manifest cannot be read.", e);
        }
        if (ManifestRules.Problem(manifest) is { } problem)
            throw new ReleaseException(ReleaseCodes.BadManifest, $"The signed manifest is not one that a box may follow: {problem}.");
        // By the time of signing, not by this box's clock: a dead battery must not lock a car out of being mended. An old release is kept out by its number.
        return manifest.IssuedAtUnixMs >= from.ToUnixTimeMilliseconds() && manifest.IssuedAtUnixMs <= to.ToUnixTimeMilliseconds()
            ? manifest
            : throw new ReleaseException(ReleaseCodes.UnknownReleaser, "The release was signed outside the time of its releaser's certificate.");
    }

    // Its times are read here too: OpenSSL loads some certificates whose times it cannot read.
    private static (X509Certificate2 Certificate, DateTimeOffset From, DateTimeOffset To) Certificate(ByteString der)
    {
        X509Certificate2? certificate = null;
        try
        {
            certificate = X509CertificateLoader.LoadCertificate(der.Span);
            return (certificate, certificate.NotBefore.ToUniversalTime(), certificate.NotAfter.ToUniversalTime());
        }
        catch (CryptographicException e)
        {
            certificate?.Dispose();
            throw new ReleaseException(ReleaseCodes.UnknownReleaser, "The releaser's certificate cannot be read.", e);
        }
    }
}
