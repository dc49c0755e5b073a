using System.Data.Common;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Dapper;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Identity;

/// <summary>An approver's key as it lies here: nobody but its person can open the box.</summary>
internal sealed record ApproverKey
{
    public string Account { get; init; } = "";
    public byte[] Salt { get; init; } = [];
    public long Iterations { get; init; }
    public byte[] Box { get; init; } = [];

    /// <summary>PKCS#10, for whoever holds the list root.</summary>
    public byte[] Request { get; init; } = [];

    /// <summary>DER; null while nobody has certified the key.</summary>
    public byte[]? Certificate { get; init; }
    public long MadeAt { get; init; }
}

/// <summary>
/// Keys of those who approve lists, one for each person: P-256, encrypted with AES-256-GCM under a key that PBKDF2 makes of a
/// passphrase which is stored nowhere. The key is opened for the length of one signature, by the person's own act. It counts only
/// with a certificate from the list root, given by somebody else.
/// </summary>
internal sealed class ApproverKeys(CentreDatabase database)
{
    public const string Schema = """
        -- Keys of approvers: the box opens with its person's passphrase alone.
        CREATE TABLE approver_keys (
            account TEXT PRIMARY KEY,
            salt BLOB NOT NULL,
            iterations INTEGER NOT NULL,
            box BLOB NOT NULL,
            request BLOB NOT NULL,
            certificate BLOB,
            made_at INTEGER NOT NULL) STRICT;
        """;

    public const int LeastPassphrase = 12, MostPassphrase = 256;
    private const int Iterations = 600_000;
    private const int NonceBytes = 12, TagBytes = 16;
    private const string Columns = "SELECT account AS Account, salt AS Salt, iterations AS Iterations, box AS Box, request AS Request, certificate AS Certificate, made_at AS MadeAt FROM approver_keys";

    public IReadOnlyList<ApproverKey> All() => database.Read(c => c.Query<ApproverKey>($"{Columns} ORDER BY account").AsList());

    public ApproverKey? Find(string account) => database.Read(c => c.QuerySingleOrDefault<ApproverKey>($"{Columns} WHERE account = @account", new { account }));

    public static ApproverKey? Find(DbTransaction transaction, string account) =>
        transaction.Connection!.QuerySingleOrDefault<ApproverKey>($"{Columns} WHERE account = @account", new { account }, transaction);

    /// <summary>A new key, in place of the person's old one, whose certificate is worth nothing from then on.</summary>
    public static ApproverKey Make(string account, string passphrase, long nowUnixMs)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var name = new X500DistinguishedNameBuilder();
        name.AddCommonName(account);
        var salt = RandomNumberGenerator.GetBytes(16);
        return new ApproverKey
        {
            Account = account,
            Salt = salt,
            Iterations = Iterations,
            Box = Seal(key, account, passphrase, salt),
            Request = new CertificateRequest(name.Build(), key, HashAlgorithmName.SHA256).CreateSigningRequest(),
            MadeAt = nowUnixMs,
        };
    }

    public static void Put(DbTransaction transaction, ApproverKey key) => transaction.Connection!.Execute(
        """
        INSERT INTO approver_keys (account, salt, iterations, box, request, certificate, made_at) VALUES (@Account, @Salt, @Iterations, @Box, @Request, NULL, @MadeAt)
        ON CONFLICT (account) DO UPDATE SET salt = excluded.salt, iterations = excluded.iterations, box = excluded.box, request = excluded.request,
            certificate = NULL, made_at = excluded.made_at
        """,
        key, transaction);

    public static int Remove(DbTransaction transaction, string account) =>
        transaction.Connection!.Execute("DELETE FROM approver_keys WHERE account = @account", new { account }, transaction);

    public static int Certify(DbTransaction transaction, string account, byte[] certificate) => transaction.Connection!.Execute(
        "UPDATE approver_keys SET certificate = @certificate WHERE account = @account", new { account, certificate }, transaction);

    /// <summary>A certificate for this key from the list root, where the root's key is here.</summary>
    public static X509Certificate2 Issue(ApproverKey key, X509Certificate2 root, TimeProvider time, TimeSpan life)
    {
        var now = time.GetUtcNow();
        return ListCertificates.CertifyApprover(root, CertificateRequest.LoadSigningRequest(key.Request, HashAlgorithmName.SHA256).PublicKey, key.Account, now, now + life);
    }

    /// <summary>"" or why this certificate is not this person's: not_this_key, not_an_approver, wrong_name, unknown_root.</summary>
    public static string Problem(ApproverKey key, X509Certificate2 certificate, X509Certificate2 root, DateTimeOffset now)
    {
        var asked = CertificateRequest.LoadSigningRequest(key.Request, HashAlgorithmName.SHA256).PublicKey.ExportSubjectPublicKeyInfo();
        if (!certificate.PublicKey.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(asked))
            return "not_this_key";
        if (!ListCertificates.IsApprover(certificate))
            return "not_an_approver";
        if (certificate.GetNameInfo(X509NameType.SimpleName, false) != key.Account)
            return "wrong_name";
        return ListCertificates.LeadsTo(certificate, root, now) ? "" : "unknown_root";
    }

    /// <summary>Signs with the person's key.</summary>
    /// <returns>Null: the passphrase is not this key's.</returns>
    public static Signature[]? Sign(ApproverKey key, string passphrase, IReadOnlyList<SignedEnvelope> envelopes)
    {
        if (key.Certificate is null || Open(key, passphrase) is not { } pkcs8)
            return null;
        using var opened = ECDsa.Create();
        opened.ImportPkcs8PrivateKey(pkcs8, out _);
        CryptographicOperations.ZeroMemory(pkcs8);
        return [.. envelopes.Select(envelope => Envelopes.AddSignature(envelope.Clone(), new EnvelopeSigner(SignerRole.Approver, opened, [key.Certificate])))];
    }

    private static byte[]? Open(ApproverKey key, string passphrase)
    {
        var wrap = Wrap(passphrase, key.Salt, (int)key.Iterations);
        var pkcs8 = new byte[key.Box.Length - NonceBytes - TagBytes];
        try
        {
            using var aes = new AesGcm(wrap, TagBytes);
            aes.Decrypt(key.Box.AsSpan(0, NonceBytes), key.Box.AsSpan(NonceBytes + TagBytes), key.Box.AsSpan(NonceBytes, TagBytes), pkcs8, Encoding.UTF8.GetBytes(key.Account));
            return pkcs8;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(wrap);
        }
    }

    private static byte[] Seal(ECDsa key, string account, string passphrase, byte[] salt)
    {
        var pkcs8 = key.ExportPkcs8PrivateKey();
        var wrap = Wrap(passphrase, salt, Iterations);
        var box = new byte[NonceBytes + TagBytes + pkcs8.Length];
        RandomNumberGenerator.Fill(box.AsSpan(0, NonceBytes));
        using (var aes = new AesGcm(wrap, TagBytes))
            aes.Encrypt(box.AsSpan(0, NonceBytes), pkcs8, box.AsSpan(NonceBytes + TagBytes), box.AsSpan(NonceBytes, TagBytes), Encoding.UTF8.GetBytes(account));
        CryptographicOperations.ZeroMemory(wrap);
        CryptographicOperations.ZeroMemory(pkcs8);
        return box;
    }

    private static byte[] Wrap(string passphrase, byte[] salt, int iterations) =>
        Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(passphrase), salt, iterations, HashAlgorithmName.SHA256, 32);
}
