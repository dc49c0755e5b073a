using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgeAgent.DispatchClient.Uplink;
using Google.Protobuf;
using Grpc.Core;
using Patrol.Dispatch.V1;
using EnrolmentClient = Patrol.Dispatch.V1.Enrolment.EnrolmentClient;

namespace EdgeAgent.DispatchClient.Identity;

/// <summary>
/// Makes a unit known to a centre: a key born here and never sent, a certificate for it, and the roots to believe. The code is
/// "CODE.FINGERPRINT": the fingerprint says which centre, so nobody between can take its place.
/// </summary>
public static class Enrolment
{
    private static readonly TimeSpan ConnectTime = TimeSpan.FromSeconds(30), CallTime = TimeSpan.FromSeconds(40);

    /// <summary>Enrols by a code of the centre and writes the identity directory, all of it or nothing.</summary>
    /// <param name="centre">https address.</param>
    /// <param name="code">"CODE.FINGERPRINTHEX", used once.</param>
    /// <param name="identityDirectory">Made here; its parent must be writable.</param>
    /// <param name="cancellationToken">Ends the attempt; nothing is left behind.</param>
    /// <returns>The unit's id.</returns>
    /// <exception cref="IdentityException">identity_exists, bad_code, wrong_fingerprint, refused, unreachable, bad_reply, tpm_unavailable.</exception>
    public static Task<string> EnrolAsync(Uri centre, string code, string identityDirectory, CancellationToken cancellationToken) =>
        EnrolAsync(centre, code, identityDirectory, new EnrolmentOptions(), TimeProvider.System, cancellationToken);

    /// <inheritdoc cref="EnrolAsync(Uri, string, string, CancellationToken)"/>
    public static async Task<string> EnrolAsync(
        Uri centre, string code, string identityDirectory, EnrolmentOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(centre);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        if (centre.Scheme != Uri.UriSchemeHttps)
            throw new IdentityException("bad_code", $"The centre's address is {centre}; it must begin with https://.");
        var (secret, fingerprint) = Split(code);
        if (Directory.Exists(identityDirectory) && !options.Force)
            throw new IdentityException("identity_exists", $"{identityDirectory} holds an identity already. It is replaced only with --force.");

        using var root = await PinnedRootAsync(centre, fingerprint, cancellationToken);
        using var key = UnitKey.Create(options.Tpm);
        try
        {
            var reply = await AskAsync(centre, root, secret, key.Ecdsa, options, time, cancellationToken);
            CheckReply(reply, root, key);
            IdentityWriter.Write(identityDirectory, key, reply, new UnitFacts(reply.UnitId, centre.ToString(), time.GetUtcNow().ToUnixTimeMilliseconds()));
            return reply.UnitId;
        }
        catch
        {
            key.Discard();
            throw;
        }
    }

    private static (string Secret, byte[] Fingerprint) Split(string code)
    {
        var dot = code?.LastIndexOf('.') ?? -1;
        try
        {
            if (dot > 0 && Convert.FromHexString(code![(dot + 1)..].Trim()) is { Length: SHA256.HashSizeInBytes } fingerprint)
                return (code[..dot].Trim(), fingerprint);
        }
        catch (FormatException)
        {
            // Said below.
        }
        throw new IdentityException("bad_code", "The code must be CODE.FINGERPRINT with 64 hexadecimal digits after the dot, as the centre printed it.");
    }

    // Nothing is told over this connection and nothing but the pinned root is taken from it.
    private static async Task<X509Certificate2> PinnedRootAsync(Uri centre, byte[] fingerprint, CancellationToken cancellationToken)
    {
        using var channel = CentreConnection.DialAnyone(new LinkOptions { Centre = centre, ConnectTimeout = ConnectTime });
        var reply = await CallAsync(
            centre, null, (client, options) => client.RootsAsync(new RootsRequest(), options).ResponseAsync, channel, cancellationToken);
        var pinned = reply.DeviceRoots.FirstOrDefault(der => CryptographicOperations.FixedTimeEquals(SHA256.HashData(der.Span), fingerprint));
        if (pinned is null)
            throw new IdentityException("wrong_fingerprint", $"{centre} is not the centre that the code is for: its root has another fingerprint.");
        try
        {
            return X509CertificateLoader.LoadCertificate(pinned.Span);
        }
        catch (CryptographicException e)
        {
            throw new IdentityException("bad_reply", $"{centre} sent a root that cannot be read.", e);
        }
    }

    private static async Task<EnrolReply> AskAsync(
        Uri centre, X509Certificate2 root, string secret, ECDsa key, EnrolmentOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        // A new box's clock is anything; the centre's certificate is judged by the pinned root, and by time only so far as sure.
        var trust = new CentreTrust(centre.Host, [root], () => new TrustedNow(time.GetUtcNow(), MayBeBehind: true));
        using var channel = CentreConnection.Dial(new LinkOptions { Centre = centre, ConnectTimeout = ConnectTime }, trust, client: null);
        var request = new EnrolRequest
        {
            Code = secret,
            CertificateRequest = ByteString.CopyFrom(new CertificateRequest("CN=unit", key, HashAlgorithmName.SHA256).CreateSigningRequest()),
            SerialNumber = options.SerialNumber,
        };
        return await CallAsync(centre, trust, (client, call) => client.EnrolAsync(request, call).ResponseAsync, channel, cancellationToken);
    }

    // gRPC does not always say in words what broke the connection.
    private static string WhyOf(RpcException e) =>
        e.Status.Detail.Length > 0 ? e.Status.Detail : (e.Status.DebugException ?? e).GetBaseException().Message is { Length: > 0 } why ? why : e.StatusCode.ToString();

    private static async Task<T> CallAsync<T>(
        Uri centre,
        CentreTrust? trust,
        Func<EnrolmentClient, CallOptions, Task<T>> call,
        Grpc.Net.Client.GrpcChannel channel,
        CancellationToken cancellationToken)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        late.CancelAfter(CallTime);
        try
        {
            return await call(new EnrolmentClient(channel), new CallOptions(cancellationToken: late.Token));
        }
        catch (RpcException e) when (!cancellationToken.IsCancellationRequested)
        {
            if (trust?.Refusal is { } refusal)
                throw new IdentityException("wrong_fingerprint", refusal, e);
            throw e.StatusCode is StatusCode.Unavailable or StatusCode.Internal or StatusCode.Cancelled or StatusCode.DeadlineExceeded
                ? new IdentityException("unreachable", late.IsCancellationRequested ? $"{centre} does not answer within {CallTime.TotalSeconds:0} s." : $"{centre} cannot be reached: {WhyOf(e)}", e)
                : new IdentityException("refused", $"{centre} does not enrol this unit: {e.StatusCode}, {e.Status.Detail}", e);
        }
    }

    private static void CheckReply(EnrolReply reply, X509Certificate2 root, UnitKey key)
    {
        try
        {
            using var certificate = X509CertificateLoader.LoadCertificate(reply.Certificate.Span);
            if (!key.Fits(certificate))
                throw new IdentityException("bad_reply", "The centre's certificate is for another key than ours.");
            if (string.IsNullOrWhiteSpace(reply.UnitId) || certificate.GetNameInfo(X509NameType.SimpleName, false) != reply.UnitId)
                throw new IdentityException("bad_reply", "The centre's certificate bears another name than the unit's id.");
        }
        catch (CryptographicException e)
        {
            throw new IdentityException("bad_reply", "The centre sent a certificate that cannot be read.", e);
        }
        if (!reply.DeviceRoots.Any(der => der.Span.SequenceEqual(root.RawData)) || reply.ListRoots.Count == 0 || reply.CentreSigners.Count == 0)
            throw new IdentityException("bad_reply", "The centre did not send all roots and signers that the unit needs.");
    }
}

/// <summary>How to enrol.</summary>
public sealed record EnrolmentOptions
{
    /// <summary>Replaces an identity that is there; the old one is kept beside it under another name. Default false.</summary>
    public bool Force { get; init; }

    /// <summary>Where the unit's key is born and stays; null keeps it in a file of mode 0600. Default null.</summary>
    public Tpm? Tpm { get; init; }

    /// <summary>The box's own serial number, for the centre's books. Default "".</summary>
    public string SerialNumber { get; init; } = "";
}
