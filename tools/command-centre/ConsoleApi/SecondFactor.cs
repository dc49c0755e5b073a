using EdgeAgent.CommandCentre.Identity;
using EdgeAgent.CommandCentre.Storage;

namespace EdgeAgent.CommandCentre.ConsoleApi;

/// <summary>The code beside the password. Each code is good once; secrets lie sealed.</summary>
internal sealed class SecondFactor(Sealing sealing, CommitQueue commits, TimeProvider time)
{
    /// <summary>Uses the code up.</summary>
    /// <returns>"" or code_required, wrong_code; "" too for an account without a second factor.</returns>
    public async Task<string> ProblemAsync(Account account, string? code)
    {
        if (account.Totp is not { } box)
            return "";
        if (string.IsNullOrWhiteSpace(code))
            return "code_required";
        if (Totp.Accept(sealing.Open(box), code, time.GetUtcNow(), account.TotpStep) is not { } step)
            return "wrong_code";
        return await commits.CommitAsync(transaction => AccountTable.UseStep(transaction, account.User, step)) ? "" : "wrong_code";
    }

    public byte[] Seal(byte[] secret) => sealing.Seal(secret);

    /// <summary>The step of a code that proves that the app holds this new secret.</summary>
    public long? Proven(byte[] secret, string code) => Totp.Accept(secret, code, time.GetUtcNow(), 0);
}
