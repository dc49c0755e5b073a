using EdgeAgent.CommandCentre.Identity;
using EdgeAgent.CommandCentre.Storage;

namespace EdgeAgent.CommandCentre.ConsoleApi;

/// <summary>For acts that ask again who one is: guessing is slowed down, and every wrong try is a row of the audit.</summary>
internal sealed class StepUp(AttemptLimit attempts, AccountTable accounts, SecondFactor factor, ConsoleAccess access)
{
    /// <summary>The refusal while this person has to wait.</summary>
    public IResult? Blocked(string account) => attempts.BlockedFor(Name(account)) is { } wait ? ConsoleAccess.TooMany("too_many_attempts", wait) : null;

    /// <summary>"": right, or this account has no second factor.</summary>
    public Task<string> CodeProblemAsync(string account, string? code) =>
        accounts.Find(account) is { } known ? factor.ProblemAsync(known, code) : Task.FromResult("wrong_code");

    /// <summary>Password and, where there is one, second factor, once more.</summary>
    /// <param name="action">What a wrong try is called in the audit.</param>
    /// <returns>The refusal, or null: it is this person.</returns>
    public async Task<IResult?> PasswordProblemAsync(HttpContext context, Admin.DecisionBody body, string action)
    {
        var account = context.Account();
        if (Blocked(account) is { } wait)
            return wait;
        if (await CodeProblemAsync(account, body.Code) is { Length: > 0 } wrongCode)
            return await FailedAsync(context, wrongCode, action);
        if (accounts.Find(account) is not { } known || !ConsoleAccess.IsPassword(account, known.PasswordHash, body.Password ?? ""))
            return await FailedAsync(context, "wrong_password", action);
        Succeeded(account);
        return null;
    }

    public async Task<IResult> FailedAsync(HttpContext context, string code, string action)
    {
        attempts.Failed(Name(context.Account()));
        await access.AuditAsync(new AuditRow(context.Account(), action, code, ""));
        return Refusal.Of(403, code);
    }

    public void Succeeded(string account) => attempts.Succeeded(Name(account));

    private static string Name(string account) => $"step-up {account}";
}
