using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using EdgeAgent.CommandCentre.Identity;
using EdgeAgent.CommandCentre.Lists;
using EdgeAgent.CommandCentre.Storage;

namespace EdgeAgent.CommandCentre.ConsoleApi.Admin;

internal sealed record ApproverKeyBody(string? Passphrase);

internal sealed record CertifyBody(string? CertificatePem);

/// <summary>
/// Approvers' keys: made by their person, certified by another one. Where the list root is kept elsewhere, the request goes there and
/// the certificate comes back as text; where its key lies here, an administrator's act certifies.
/// </summary>
internal sealed class ApproverEndpoints(ApproverKeys keys, ListIssuing issuing, DataFolder folder, AccountTable accounts, CommitQueue commits, TimeProvider time)
{
    private static readonly TimeSpan Life = TimeSpan.FromDays(365);

    public void Map(RouteGroupBuilder api)
    {
        _ = api.MapGet("/admin/approvers", (HttpContext context) => Administration.Ok(Views(context))).Needs(Permission.ApproveLists);
        _ = api.MapPost("/admin/approvers/own", MakeAsync).Needs(Permission.ApproveLists).Costly();
        _ = api.MapPost("/admin/approvers/{account}/certify", CertifyAsync).Needs(Permission.ManageAccounts);
        _ = api.MapPost("/admin/approvers/{account}/remove", RemoveAsync).Needs(Permission.ManageAccounts);
    }

    private object Views(HttpContext context)
    {
        var rootIsHere = KeyPair.Exists(folder, CentreKeys.ListRoot);
        var known = keys.All().ToDictionary(key => key.Account, StringComparer.Ordinal);
        return new
        {
            rootIsHere,
            own = context.Account(),
            approvers = accounts.All().Where(account => Permissions.Has(account.Role, Permission.ApproveLists)).Select(account => View(account, known.GetValueOrDefault(account.User))),
        };
    }

    private static object View(Account account, ApproverKey? key)
    {
        using var certificate = key?.Certificate is { } der ? X509CertificateLoader.LoadCertificate(der) : null;
        return new
        {
            account.User,
            account.Role,
            state = key is null ? "none" : certificate is null ? "waiting" : "certified",
            madeAtUnixMs = key?.MadeAt,
            endsAtUnixMs = certificate is null ? (long?)null : new DateTimeOffset(certificate.NotAfter.ToUniversalTime()).ToUnixTimeMilliseconds(),
            requestPem = key is null || certificate is not null ? "" : PemEncoding.WriteString("CERTIFICATE REQUEST", key.Request),
        };
    }

    private async Task<IResult> MakeAsync(ApproverKeyBody body, HttpContext context)
    {
        var (account, passphrase) = (context.Account(), body.Passphrase ?? "");
        if (passphrase.Length is < ApproverKeys.LeastPassphrase or > ApproverKeys.MostPassphrase)
            return Refusal.Of(400, "bad_passphrase");
        var key = await Task.Run(() => ApproverKeys.Make(account, passphrase, Now()));
        _ = await commits.CommitAsync(transaction =>
        {
            ApproverKeys.Put(transaction, key);
            AuditTable.Add(transaction, new AuditRow(account, "approver_key_made", account, ""), Now());
            ChangeTable.Note(transaction, ChangeKind.Topics, "drafts", Now());
            return 0;
        });
        return Results.NoContent();
    }

    /// <summary>Never one's own key: that would be one person where two are meant.</summary>
    private async Task<IResult> CertifyAsync(string account, CertifyBody body, HttpContext context)
    {
        var by = context.Account();
        if (by == account)
            return Refusal.Of(403, "own_key");
        if (keys.Find(account) is not { } key)
            return Refusal.Of(404, "no_approver_key");
        X509Certificate2 certificate;
        try
        {
            certificate = Certificate(key, body.CertificatePem ?? "");
        }
        catch (Exception e) when (e is CryptographicException or CentreException or ArgumentException)
        {
            return Refusal.Of(409, "no_certificate");
        }
        using (certificate)
        using (var root = issuing.LoadRoot())
        {
            if (ApproverKeys.Problem(key, certificate, root, time.GetUtcNow()) is { Length: > 0 } problem)
                return Refusal.Of(409, problem);
            var done = await commits.CommitAsync(transaction =>
            {
                // The very key that was looked at: a newer one needs another look.
                if (ApproverKeys.Find(transaction, account) is not { } now || !now.Request.AsSpan().SequenceEqual(key.Request))
                    return false;
                _ = ApproverKeys.Certify(transaction, account, certificate.RawData);
                AuditTable.Add(transaction, new AuditRow(by, "approver_certified", account, Convert.ToHexStringLower(SHA256.HashData(certificate.RawData))), Now());
                return true;
            });
            return done ? Results.NoContent() : Refusal.Of(409, "not_this_key");
        }
    }

    private async Task<IResult> RemoveAsync(string account, ReasonBody body, HttpContext context)
    {
        var (by, reason) = (context.Account(), body.Reason?.Trim() ?? "");
        if (Administration.ReasonProblem(reason) is { Length: > 0 } problem)
            return Refusal.Of(400, problem);
        var removed = await commits.CommitAsync(transaction =>
        {
            if (ApproverKeys.Remove(transaction, account) == 0)
                return false;
            AuditTable.Add(transaction, new AuditRow(by, "approver_key_removed", account, reason), Now());
            return true;
        });
        return removed ? Results.NoContent() : Refusal.Of(404, "no_approver_key");
    }

    private X509Certificate2 Certificate(ApproverKey key, string pem)
    {
        if (pem.Trim().Length > 0)
            return X509Certificate2.CreateFromPem(pem);
        using var root = KeyPair.Load(folder, CentreKeys.ListRoot);
        return ApproverKeys.Issue(key, root, time, Life);
    }

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
