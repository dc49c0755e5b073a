using EdgeAgent.DispatchClient.Identity;
using EdgeAgent.DispatchClient.Uplink;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Edgectl.Acceptance;

/// <summary>Certificate and key: there, together, in time, and able to sign.</summary>
internal sealed class IdentityCheck : ICheck
{
    public const string Name = "identity";

    private static readonly TimeSpan Soon = TimeSpan.FromDays(30);

    public CheckTitle Title { get; } = new(Name, "证书与密钥", "Certificate and key");

    public IReadOnlyList<string> Needs => [SettingsCheck.Name];

    public Task LookAsync(UnitAtHand unit, CheckOutcome outcome, CancellationToken stop)
    {
        try
        {
            unit.Identity = UnitIdentity.Load(unit.Options.IdentityDirectory);
        }
        catch (IdentityException e)
        {
            outcome.Found(e.Code is "no_identity" or "identity_mixed" or "identity_unreadable" ? e.Code : "key_lost", detail: e.Message);
            return Task.CompletedTask;
        }
        var certificate = unit.Identity.Certificate;
        outcome.Measured("车辆编号", "Unit", unit.Identity.UnitId);
        outcome.Measured("证书到期", "Certificate ends", $"{certificate.NotAfter.ToUniversalTime():yyyy-MM-dd}");
        TimeSpan left = certificate.NotAfter.ToUniversalTime() - unit.Time.GetUtcNow().UtcDateTime;
        if (left <= TimeSpan.Zero)
            outcome.Found("certificate_expired", detail: $"{certificate.NotAfter.ToUniversalTime():yyyy-MM-dd}");
        else if (left < Soon)
            outcome.Found("certificate_ends_soon", detail: $"{left.TotalDays:0} days");
        Sign(unit.Identity, outcome);
        if (unit.Identity.Tpm is null)
            outcome.Found("key_in_file");
        else
            outcome.Holds(new InstalledPart { Kind = "tpm" });
        return Task.CompletedTask;
    }

    private static void Sign(UnitIdentity identity, CheckOutcome outcome)
    {
        try
        {
            byte[] data = [.. "EdgeAgent acceptance"u8];
            byte[] signature = identity.Sign(data);
            using var key = System.Security.Cryptography.X509Certificates.ECDsaCertificateExtensions.GetECDsaPublicKey(identity.Certificate);
            if (key?.VerifyData(data, signature, System.Security.Cryptography.HashAlgorithmName.SHA256, System.Security.Cryptography.DSASignatureFormat.IeeeP1363FixedFieldConcatenation) != true)
                outcome.Found("key_lost", detail: "what it signed does not fit the certificate");
        }
        catch (Exception e) when (e is System.Security.Cryptography.CryptographicException or IdentityException)
        {
            outcome.Found("key_lost", detail: e.Message);
        }
    }
}

/// <summary>The way to the centre: there, the right one, and this unit is known and in session.</summary>
internal sealed class CentreCheck : ICheck
{
    public const string Name = "centre";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(35);

    public CheckTitle Title { get; } = new(Name, "指挥中心链路", "Link to the centre");

    public IReadOnlyList<string> Needs => [IdentityCheck.Name];

    public async Task LookAsync(UnitAtHand unit, CheckOutcome outcome, CancellationToken stop)
    {
        using var client = new AcceptanceClient(unit.Identity!, new Uri(unit.Options.Centre), unit.Time);
        Greeting greeting;
        try
        {
            greeting = await client.GreetAsync(stop);
        }
        catch (AcceptanceException e)
        {
            outcome.Found(e.Code, unit.Options.Centre, e.Message);
            return;
        }
        unit.ClockOffset = greeting.ClockOffset;
        outcome.Measured("往返时间", "Round trip", $"{greeting.RoundTrip.TotalMilliseconds:0} ms");
        if (greeting.UnitId != unit.Identity!.UnitId)
            outcome.Found("other_unit", detail: greeting.UnitId);
        if (unit.Agent is not null)
            await SessionAsync(unit, outcome, stop);
    }

    private static async Task SessionAsync(UnitAtHand unit, CheckOutcome outcome, CancellationToken stop)
    {
        long began = unit.Time.GetTimestamp();
        string phase, detail;
        while (true)
        {
            var said = await unit.AskAsync(stop);
            (phase, detail) = (said?.Outside.Link ?? "unknown", said?.Outside.LinkDetail ?? "");
            if (phase == "up")
                return;
            if (unit.Time.GetElapsedTime(began) > Patience)
                break;
            await Task.Delay(TimeSpan.FromSeconds(1), unit.Time, stop);
        }
        outcome.Found("link_down", detail: $"{phase} {detail}".Trim());
    }
}

/// <summary>What the centre's answer says of this box's clock.</summary>
internal sealed class ClockCheck : ICheck
{
    private const double ClockSeconds = 5;

    public CheckTitle Title { get; } = new("clock", "时钟", "Clock");

    public IReadOnlyList<string> Needs => [CentreCheck.Name];

    public Task LookAsync(UnitAtHand unit, CheckOutcome outcome, CancellationToken stop)
    {
        double seconds = unit.ClockOffset!.Value.TotalSeconds;
        outcome.Measured("与中心相差", "Against the centre's", $"{seconds:+0.0;-0.0;0.0} s");
        if (Math.Abs(seconds) > ClockSeconds)
            outcome.Found("clock_wrong", "centre", $"{Math.Abs(seconds):0} s {(seconds > 0 ? "behind" : "ahead")}");
        else if (unit.Agent?.Outside.TimeTrust == "untrusted")
            outcome.Found("clock_untrusted");
        return Task.CompletedTask;
    }
}
