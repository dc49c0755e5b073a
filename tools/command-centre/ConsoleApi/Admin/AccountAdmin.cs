using System.Data.Common;
using EdgeAgent.CommandCentre.Identity;
using EdgeAgent.CommandCentre.Storage;

namespace EdgeAgent.CommandCentre.ConsoleApi.Admin;

internal sealed record AccountBody(string? User, string? Role, string? District, string? Password, string? Reason);

/// <summary>Accounts of the console. Nobody administers their own, and the last administrator of the city stays one.</summary>
internal sealed class AccountAdmin(AccountTable accounts, ConsoleSessions sessions, ApproverKeys approvers, CommitQueue commits, TimeProvider time)
{
    public void Map(RouteGroupBuilder api)
    {
        _ = api.MapGet("/admin/accounts", (HttpContext context) => Administration.Ok(Views(context))).Needs(Permission.ManageAccounts);
        _ = api.MapPost("/admin/accounts", AddAsync).Needs(Permission.ManageAccounts).Costly();
        _ = api.MapPost("/admin/accounts/{user}/place", PlaceAsync).Needs(Permission.ManageAccounts);
        _ = api.MapPost("/admin/accounts/{user}/lock", (string user, AccountBody body, HttpContext context) => ReasonedAsync(user, body, context, "account_locked", true,
            (transaction, reason) => AccountTable.Lock(transaction, user, Now(), reason, Now()))).Needs(Permission.ManageAccounts);
        _ = api.MapPost("/admin/accounts/{user}/unlock", (string user, AccountBody body, HttpContext context) => ReasonedAsync(user, body, context, "account_unlocked", false,
            (transaction, _) => AccountTable.Lock(transaction, user, null, "", Now()))).Needs(Permission.ManageAccounts);
        _ = api.MapPost("/admin/accounts/{user}/reset-second-factor", (string user, AccountBody body, HttpContext context) => ReasonedAsync(user, body, context, "second_factor_reset", false,
            (transaction, _) => AccountTable.SetTotp(transaction, user, null, 0))).Needs(Permission.ManageAccounts);
        _ = api.MapPost("/admin/accounts/{user}/remove", (string user, AccountBody body, HttpContext context) => ReasonedAsync(user, body, context, "account_removed", true,
            (transaction, why) =>
            {
                _ = AccountTable.Remove(transaction, user);
                // Whoever is given the name next is somebody else.
                _ = ApproverKeys.Remove(transaction, user);
            })).Needs(Permission.ManageAccounts);
        _ = api.MapPost("/admin/accounts/{user}/reset-password", ResetAsync).Needs(Permission.ManageAccounts).Costly();
        _ = api.MapPost("/admin/accounts/{user}/end-sessions", EndSessionsAsync).Needs(Permission.ManageAccounts);
    }

    private IEnumerable<object> Views(HttpContext context)
    {
        var keys = approvers.All().ToDictionary(key => key.Account, StringComparer.Ordinal);
        return accounts.All().Where(account => UnitAdmin.IsReached(context, account.District)).Select(account => new
        {
            account.User,
            account.Role,
            account.District,
            account.MustChange,
            account.LockedAt,
            account.LockReason,
            secondFactor = account.Totp is not null,
            own = account.User == context.Account(),
            approverKey = keys.TryGetValue(account.User, out var key) ? key.Certificate is null ? "waiting" : "certified" : "none",
            sessions = sessions.Of(account.User).Select(session => new { session.Address, beganAtUnixMs = session.BeganAt, seenAtUnixMs = session.SeenAt }),
        });
    }

    private async Task<IResult> AddAsync(AccountBody body, HttpContext context)
    {
        var (user, role, district, password) = (body.User?.Trim() ?? "", body.Role ?? "", body.District?.Trim() ?? "", body.Password ?? "");
        if (!UnitAdmin.IsId(user))
            return Refusal.Of(400, "bad_user");
        if (Placing(context, role, district) is { Length: > 0 } problem)
            return Refusal.Of(400, problem);
        if (PasswordRules.Problem(user, password) is { Length: > 0 } weak)
            return Refusal.Of(400, weak);
        var (by, hash) = (context.Account(), await Task.Run(() => ConsoleAccess.HashPassword(user, password)));
        var added = await commits.CommitAsync(transaction =>
        {
            if (AccountTable.Find(transaction, user) is not null)
                return false;
            AccountTable.Put(transaction, user, role, district, hash, Now());
            AccountTable.SetPassword(transaction, user, hash, mustChange: true, Now());
            Note(transaction, by, "account_added", user, $"{role} {district}".Trim());
            return true;
        });
        return added ? Results.NoContent() : Refusal.Of(409, "account_exists");
    }

    private async Task<IResult> PlaceAsync(string user, AccountBody body, HttpContext context)
    {
        var (role, district) = (body.Role ?? "", body.District?.Trim() ?? "");
        return Placing(context, role, district) is { Length: > 0 } problem
            ? Refusal.Of(400, problem)
            : await ActAsync(user, context, takesAdmin: role != "admin" || district.Length > 0, (transaction, by) =>
            {
                AccountTable.Place(transaction, user, role, district, Now());
                Note(transaction, by, "account_placed", user, $"{role} {district}".Trim());
            });
    }

    private async Task<IResult> ResetAsync(string user, AccountBody body, HttpContext context)
    {
        var password = body.Password ?? "";
        if (PasswordRules.Problem(user, password) is { Length: > 0 } weak)
            return Refusal.Of(400, weak);
        var hash = await Task.Run(() => ConsoleAccess.HashPassword(user, password));
        return await ActAsync(user, context, takesAdmin: false, (transaction, by) =>
        {
            AccountTable.SetPassword(transaction, user, hash, mustChange: true, Now());
            Note(transaction, by, "password_reset", user, "");
        });
    }

    private Task<IResult> ReasonedAsync(string user, AccountBody body, HttpContext context, string action, bool takesAdmin, Action<DbTransaction, string> change)
    {
        var reason = body.Reason?.Trim() ?? "";
        return Administration.ReasonProblem(reason) is { Length: > 0 } problem
            ? Task.FromResult(Refusal.Of(400, problem))
            : ActAsync(user, context, takesAdmin, (transaction, by) =>
            {
                change(transaction, reason);
                Note(transaction, by, action, user, reason);
            });
    }

    private async Task<IResult> EndSessionsAsync(string user, HttpContext context)
    {
        var done = await ActAsync(user, context, takesAdmin: false, (transaction, by) => Note(transaction, by, "sessions_ended", user, ""));
        if (done is IStatusCodeHttpResult { StatusCode: StatusCodes.Status204NoContent })
            await sessions.EndAllOfAsync(user);
        return done;
    }

    private async Task<IResult> ActAsync(string user, HttpContext context, bool takesAdmin, Action<DbTransaction, string> change)
    {
        var by = context.Account();
        if (by == user)
            return Refusal.Of(403, "own_account");
        var refusal = await commits.CommitAsync(transaction =>
        {
            if (AccountTable.Find(transaction, user) is not { } account || !UnitAdmin.IsReached(context, account.District))
                return "unknown_account";
            if (takesAdmin && account is { Role: "admin", District: "" } && !AccountTable.HasOtherAdmin(transaction, user))
                return "last_admin";
            change(transaction, by);
            return "";
        });
        return refusal.Length == 0 ? Results.NoContent() : Refusal.Of(refusal == "unknown_account" ? 404 : 409, refusal);
    }

    private static string Placing(HttpContext context, string role, string district) =>
        !Permissions.Roles.Contains(role) ? "bad_role"
        : district.Length > 0 && !UnitAdmin.IsId(district) ? "bad_district"
        : !UnitAdmin.IsReached(context, district) ? "other_district"
        : "";

    private void Note(DbTransaction transaction, string by, string action, string user, string purpose) => AuditTable.Add(transaction, new AuditRow(by, action, user, purpose), Now());

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
