using System.CommandLine;
using EdgeAgent.DispatchClient.Releases;

namespace EdgeAgent.Edgectl;

internal static class AppCommand
{
    public const string Start = "start";

    /// <summary>The agent has 25 s to end, systemd waits for 30.</summary>
    public static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(28);

    public static Command Create() => new("app", "The agent's own program in its two slots: started, shown.") { CreateStart(), CreateStatus() };

    private static Command CreateStart()
    {
        var defaults = new LaunchOptions();
        var slots = new SlotOptions();
        var health = new Option<string>("--health") { Description = "Where the program says how it is.", DefaultValueFactory = _ => defaults.Health.ToString() };
        var wellFor = Seconds("--well-for", "A new version is good when it was well for so long, seconds.", defaults.WellFor);
        var wellWithin = Seconds("--well-within", "A new version that is not well after so long has failed, seconds.", defaults.WellWithin);
        var failures = new Option<int>("--failures") { Description = "Failed starts after which the version before is started.", DefaultValueFactory = _ => defaults.FailuresAllowed };
        var arguments = new Argument<string[]>("ARGUMENTS") { Description = "Given to the program, after --.", Arity = ArgumentArity.ZeroOrMore };
        var json = Cli.AsJson();
        var command = new Command(
            Start,
            """
            Starts the version of the agent that is due; the unit file's job. A good one takes this process's place. A new one is
            watched until it is good, or taken back when it failed. Ignition off and stops that were asked for are no failures.

            Example: edgectl app start -- host --config /etc/edge-agent/agent.json
            Exit codes: the program's own; 1 nothing could be started (codes already_runs, nothing_to_start), 2 wrong command line.
            """)
        { slots.Base, slots.Factory, health, wellFor, wellWithin, failures, json, arguments };
        command.Does(json, async (parsed, stop) =>
        {
            var options = new LaunchOptions
            {
                Arguments = parsed.GetValue(arguments) ?? [],
                Health = new Uri(parsed.GetValue(health)!, UriKind.RelativeOrAbsolute),
                WellFor = TimeSpan.FromSeconds(parsed.GetValue(wellFor)),
                WellWithin = TimeSpan.FromSeconds(parsed.GetValue(wellWithin)),
                FailuresAllowed = parsed.GetValue(failures),
            };
            if (options.Problems().ToList() is { Count: > 0 } problems)
            {
                problems.ForEach(Console.Error.WriteLine);
                return Cli.WrongCommandLine;
            }
            return await new AppLauncher(slots.Open(parsed), options, TimeProvider.System, Console.Error.WriteLine).RunAsync(stop);
        });
        return command;
    }

    private static Command CreateStatus()
    {
        var slots = new SlotOptions();
        var verify = new Option<bool>("--verify") { Description = "Look at every byte of both slots, not at sizes alone." };
        var json = Cli.AsJson();
        var command = new Command(
            "status",
            """
            Shows which version of the agent is started, what is in the two slots, and below which number nothing is taken.

            Example: edgectl app status --verify
            JSON: {"current","floor","running","slots":[{"slot","version","number","standing","failures","why","problem"}]}.
            Exit codes: 0 shown, 1 the version that is due is damaged, or it cannot be told, 2 wrong command line.
            """)
        { slots.Base, slots.Factory, verify, json };
        command.Does(json, (parsed, _) =>
        {
            var opened = slots.Open(parsed);
            var state = opened.Read();
            var problems = ((string[])["a", "b", SlotState.Factory]).ToDictionary(slot => slot, slot => slot == SlotState.Factory || state.Of(slot) is not null
                ? opened.Problem(slot, parsed.GetValue(verify) ? SlotLook.Bytes : SlotLook.Sizes, new ProgressLines(TimeProvider.System).Tell) : null);
            if (parsed.GetValue(json))
                Cli.Print(View(opened, state, problems));
            else
                Show(opened, state, problems);
            return Task.FromResult(problems[state.Current] is null ? Cli.Done : Cli.Failed);
        });
        return command;
    }

    public static object View(AppSlots slots, SlotState state, IReadOnlyDictionary<string, string?>? problems) => new
    {
        state.Current,
        state.Floor,
        running = slots.RunningSlot,
        slots = ((string[])["a", "b"]).Where(slot => state.Of(slot) is not null).Select(slot => new
        {
            slot,
            state.Of(slot)!.Version,
            state.Of(slot)!.Number,
            state.Of(slot)!.Standing,
            state.Of(slot)!.Failures,
            state.Of(slot)!.Why,
            problem = problems?[slot],
        }),
    };

    private static void Show(AppSlots slots, SlotState state, Dictionary<string, string?> problems)
    {
        foreach (var slot in (string[])["a", "b", SlotState.Factory])
        {
            var words = slot == SlotState.Factory ? $"what the box was installed with ({slots.FactoryFolder})"
                : state.Of(slot) is { } entry ? $"{entry.Version} (number {entry.Number}), {entry.Standing.ToString().ToLowerInvariant()}{(entry.Why.Length > 0 ? $": {entry.Why}" : "")}"
                : "empty";
            Console.Out.WriteLine($"{(slot == state.Current ? "→" : " ")} {slot,-8} {words}{(problems[slot] is { } problem ? $"; {problem}" : "")}");
        }
        Console.Out.WriteLine($"Nothing up to number {state.Floor} is taken. Started last: {(slots.RunningSlot is { Length: > 0 } running ? running : "nothing yet")}.");
    }

    private static Option<double> Seconds(string name, string description, TimeSpan standard) => new(name) { Description = description, DefaultValueFactory = _ => standard.TotalSeconds };
}
