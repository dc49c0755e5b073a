using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using EdgeAgent.Agent.Audit;
using EdgeAgent.Rig.Run;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Chaos.Sitter;

/// <summary>What `chaos cab-login` prints.</summary>
/// <param name="SignedIn">By a face, and the PIN after it.</param>
/// <param name="Attempts">Each with its code ("" when recognised) and what the page asked for.</param>
/// <param name="EmptySeat">How an attempt ended at which nobody sat there.</param>
/// <param name="Methods">Of the sign-ins, by the car's signed audit.</param>
internal sealed record CabLoginFigures(string Scenario, string Picture, int Logins, int SignedIn, JsonArray Attempts, string EmptySeat, IReadOnlyDictionary<string, int> Methods)
{
    public IEnumerable<string> Wrong()
    {
        if (SignedIn < Logins)
            yield return $"{Logins - SignedIn} of {Logins} logins by face did not succeed";
        if (EmptySeat is not "no_face")
            yield return $"an empty seat ended with '{EmptySeat}'";
        if (Methods.GetValueOrDefault("face+pin") < SignedIn)
            yield return "the audit does not have every sign-in by face and PIN";
    }
}

/// <summary>
/// Sign-in by face through all of it: the sitter's camera by RTSP, eyes, host, the terminal's page in a real browser, a roster that the
/// centre signed with the officer's face in it, and what the audit says of it.
/// </summary>
internal sealed class CabLoginRun(string repository, string state, string picture, int logins)
{
    private const int Attempts = 3;
    private readonly Progress progress = new();

    public async Task<CabLoginFigures> RunAsync(int seed, CancellationToken stop)
    {
        await using SeatedBench seated = await SeatedBench.StartAsync(repository, state, picture, seed, null, progress, stop);
        (Bench bench, Seat seat, string control) = (seated.Bench, seated.Seat, seated.Control);

        // First, since refused faces may lock the face afterwards; an empty seat is no attempt.
        seat.Sit(false);
        JsonNode empty = await progress.StepAsync("nobody in the seat", () => LogInAsync(bench, "login-empty", control, 1, stop));
        seat.Sit(true);
        var attempts = new JsonArray();
        int signedIn = 0;
        for (int login = 1; login <= logins; login++)
        {
            JsonNode said = await progress.StepAsync($"login {login} of {logins}", () => LogInAsync(bench, $"login-{login}", control, Attempts, stop));
            signedIn += (bool)said["signedIn"]! && (bool)said["pinAsked"]! ? 1 : 0;
            foreach (JsonNode? attempt in said["attempts"]!.AsArray())
                attempts.Add(attempt!.DeepClone());
        }
        await progress.StepAsync("car delivers and ends", bench.EndAsync);
        return new CabLoginFigures(
            "cab-login", Path.GetFileName(picture), logins, signedIn, attempts, (string)empty["attempts"]![0]!["code"]!, Methods(bench));
    }

    /// <summary>One browser, one officer, who signs out again, as before a shift: what `face-login.mjs` prints.</summary>
    private async Task<JsonNode> LogInAsync(Bench bench, string name, string sitter, int attempts, CancellationToken stop)
    {
        await using ChildProcess browser = ChildProcess.Start(
            name, Path.Combine(state, "logs"), "node",
            [Path.Combine(repository, "tests", "Browser", "face-login.mjs"), "--url", bench.Plan.TerminalUrl, "--sitter", sitter, "--pin-env", "OFFICER_PIN", "--attempts", attempts.ToString(), "--sign-out"],
            new Dictionary<string, string> { ["OFFICER_PIN"] = bench.Plan.Pin });
        while (!browser.HasExited)
        {
            bench.AllAlive();
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, stop);
        }
        _ = await browser.StopAsync(TimeSpan.FromSeconds(5));
        string last = browser.TailOfLog(1);
        return last.StartsWith('{') ? JsonNode.Parse(last)! : throw new ScenarioException($"The browser ended with {browser.ExitCode}: {browser.TailOfLog(5)}");
    }

    /// <summary>How officers signed in, by the car's signed audit chain.</summary>
    private static Dictionary<string, int> Methods(Bench bench)
    {
        using X509Certificate2 unit = X509Certificate2.CreateFromPem(File.ReadAllText(Path.Combine(bench.CarData, "identity", "unit.crt")));
        using FileStream chain = File.OpenRead(Path.Combine(bench.CarData, "audit", "audit.log"));
        ChainVerdict verdict = AuditChain.Verify(chain, unit);
        if (!verdict.Whole)
            throw new ScenarioException($"The car's audit chain is not whole: {verdict.Sentence}");
        var methods = new Dictionary<string, int>();
        chain.Position = 0;
        while (chain.Position < chain.Length)
        {
            AuditRecord record = AuditRecord.Parser.ParseFrom(AuditEntry.Parser.ParseDelimitedFrom(chain).Record);
            if (record.Kind == AuditKind.SignIn)
                methods[record.Purpose] = methods.GetValueOrDefault(record.Purpose) + 1;
        }
        return methods;
    }
}
