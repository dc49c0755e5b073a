using System.Runtime.InteropServices;
using System.Security.Cryptography;
using EdgeAgent.Agent.Audit;
using EdgeAgent.Agent.Box;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Agent.Rescue;
using EdgeAgent.DispatchClient.Identity;
using EdgeAgent.DispatchClient.Outbox;
using EdgeAgent.Eyes.Process;
using EdgeAgent.Vision.Inference;

namespace EdgeAgent.Agent;

/// <summary>The sub-commands of edge-agent.</summary>
internal static class CommandLine
{
    private const string Usage = """
        edge-agent host --config FILE                       the car: everything but the cameras
        edge-agent eyes --socket PATH [--execution-provider NAME] [--precedence first|even]
                                                            the process that looks; started by the host
        edge-agent version                                  what it calls itself to the centre
        edge-agent config check --config FILE               says what is wrong with a configuration
        edge-agent config report --config FILE              the same, with what is unsafe or odd, as JSON; for edgectl
        edge-agent rescue --config FILE --from DIR --patience SECONDS
                                                            tells the centre what a dead box had not told; for edgectl swap
        edge-agent wipe --config FILE --unit ID --lose-unsent true|false
                                                            destroys keys, then data; for edgectl wipe
        edge-agent audit verify --data DIR [--identity DIR] [--head SEQUENCE:HEX]
                                                            walks the audit chain
        """;

    // sysexits.h
    private const int UsageError = 64, CannotStart = 78;

    public static async Task<int> RunAsync(string[] args)
    {
        Dictionary<string, string> options = [];
        string[] words = [.. args.TakeWhile(a => !a.StartsWith("--", StringComparison.Ordinal))];
        for (int i = words.Length; i + 1 < args.Length; i += 2)
            options[args[i]] = args[i + 1];
        bool paired = (args.Length - words.Length) % 2 == 0;
        return (string.Join(' ', words), paired) switch
        {
            ("host", true) when Has(options, "--config") => await HostAsync(options["--config"]),
            ("eyes", true) when Has(options, "--socket", "--execution-provider", "--precedence") && options.ContainsKey("--socket")
                && EyesOptions.ProviderOf(options.GetValueOrDefault("--execution-provider", "cpu")) is { } provider
                && EyesOptions.PrecedenceOf(options.GetValueOrDefault("--precedence", "even")) is { } precedence =>
                await EyesAsync(options["--socket"], provider, precedence),
            ("version", true) when options.Count == 0 => ShowVersion(),
            ("config check", true) when Has(options, "--config") => CheckConfiguration(options["--config"]),
            ("config report", true) when Has(options, "--config") => ReportConfiguration(options["--config"]),
            ("rescue", true) when Has(options, "--config", "--from", "--patience") && options.Count == 3 =>
                await InterruptibleAsync(stop => RescueCommands.RescueAsync(options["--config"], options["--from"], options["--patience"], stop)),
            ("wipe", true) when Has(options, "--config", "--unit", "--lose-unsent") && options.Count == 3 =>
                await RescueCommands.WipeAsync(options["--config"], options["--unit"], options["--lose-unsent"]),
            ("audit verify", true) when Has(options, "--data", "--identity", "--head") && options.ContainsKey("--data") =>
                AuditCommand.Verify(options["--data"], options.GetValueOrDefault("--identity"), options.GetValueOrDefault("--head"), Console.Out),
            _ => ShowUsage(),
        };
    }

    private static int ShowVersion()
    {
        Console.Out.WriteLine(Terminal.CarFacts.SoftwareVersion);
        return 0;
    }

    private static bool Has(Dictionary<string, string> options, params string[] known) => options.Count > 0 && options.Keys.All(known.Contains);

    private static async Task<int> HostAsync(string file)
    {
        (CarOptions? options, IReadOnlyList<string> problems) = CarOptions.Read(file);
        if (options is null)
            return Refuse(problems);
        Posix.KeepMemoryToItself();
        try
        {
            // The power went, or was taken, between the order and its end.
            if (Decommission.IsDue(options.DataDirectory))
                return CarryOut(options);
            WebApplication app = Program.Build(options, TimeProvider.System, BootClock.OfThisMachine());
            (ExitCode exit, PowerOff off) = (app.Services.GetRequiredService<ExitCode>(), app.Services.GetRequiredService<PowerOff>());
            // Running to its end gives everything back, so that the outbox is closed before the box is switched off.
            int code = await off.EndAsync(app.RunAsync(), exit);
            return Decommission.IsDue(options.DataDirectory) ? CarryOut(options) : code;
        }
        catch (Exception error) when (error is IdentityException or OutboxException or ModelException or RescueException
            or InvalidOperationException or IOException or CryptographicException or UnauthorizedAccessException)
        {
            return Refuse([error.Message]);
        }
    }

    private static int CarryOut(CarOptions options)
    {
        WipeReport wiped = Decommission.CarryOut(options, Console.Error.WriteLine);
        return Refuse([$"This box is unit {wiped.UnitId} no longer: the centre has ordered it so. It can be provisioned anew under another id."]);
    }

    private static Task<int> EyesAsync(string socket, ExecutionProvider provider, Precedence precedence) =>
        InterruptibleAsync(stop => Eyes.EyesProcess.RunAsync(socket, provider, precedence, stop));

    /// <summary>Work that ends in its own way when the process is asked to end.</summary>
    private static async Task<int> InterruptibleAsync(Func<CancellationToken, Task<int>> work)
    {
        using var stop = new CancellationTokenSource();
        using PosixSignalRegistration ended = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
        {
            signal.Cancel = true;
            stop.Cancel();
        });
        return await work(stop.Token);
    }

    private static int CheckConfiguration(string file)
    {
        (CarOptions? options, IReadOnlyList<string> problems) = CarOptions.Read(file);
        if (options is null)
            return Refuse(problems);
        Console.WriteLine($"{file} is in order: {options.Cameras.Count} cameras, data in {options.DataDirectory}, centre {options.Centre}.");
        return 0;
    }

    private static int ReportConfiguration(string file)
    {
        var report = OptionsReport.Of(file);
        Console.WriteLine(report.ToJson());
        return report.InOrder ? 0 : CannotStart;
    }

    private static int Refuse(IReadOnlyList<string> problems)
    {
        foreach (string problem in problems)
            Console.Error.WriteLine(problem);
        return CannotStart;
    }

    private static int ShowUsage()
    {
        Console.Error.WriteLine(Usage);
        return UsageError;
    }
}
