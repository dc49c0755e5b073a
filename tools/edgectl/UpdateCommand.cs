using System.CommandLine;
using EdgeAgent.DispatchClient.Releases;
using EdgeAgent.Edgectl.Box;

namespace EdgeAgent.Edgectl;

internal static class UpdateCommand
{
    public static Command Create()
    {
        var bundle = new Option<string?>("--bundle") { Description = "A release bundle." };
        var fetched = new Option<string?>("--fetched") { Description = "The agent's data folder: takes the bundle that the centre offered and the agent fetched." };
        var slots = new SlotOptions();
        var roots = SlotOptions.Roots();
        var json = Cli.AsJson();
        var command = new Command(
            "update",
            """
            Puts a new version of the agent into the slot that is not started: verified, written, read back, and on trial from the
            agent's next start on. It is good when it was well for a minute, and taken back by itself after three starts that failed.
            The power may go at any moment of it. The running agent is not touched; run it as the agent's user.

            Examples:
              Example: edgectl update --bundle edge-agent_1.4.0_amd64.bundle
              edgectl update --fetched /var/lib/edge-agent --json
            JSON: {"version","number","standing"}.
            Exit codes: 0 written, 1 refused, what is started is the same as before (with --json: {"error":CODE,"message":…}; codes
            not_a_bundle, unsigned, unknown_releaser, not_for_releases, bad_signature, bad_manifest, foreign_product,
            foreign_architecture, older, truncated, trailing_bytes, damaged, no_release_roots, not_fetched, no_room, busy,
            slot_in_use, on_trial), 2 wrong command line, 130 interrupted, what is started is the same as before.
            """)
        { bundle, fetched, slots.Base, slots.Factory, roots, json };
        command.Validators.Add(given =>
        {
            if ((given.GetResult(bundle) is null) == (given.GetResult(fetched) is null))
                given.AddError("Give either --bundle FILE or --fetched DATA.");
        });
        command.Does(json, async (parsed, stop) =>
        {
            Owner.Become(parsed.GetValue(slots.Base)!);
            var file = parsed.GetValue(bundle) ?? FetchedBundle.In(parsed.GetValue(fetched)!);
            var update = new SlotUpdate(slots.Open(parsed), ReleaseTrust.OfAgent(parsed.GetValue(roots)!));
            var tried = await update.InstallAsync(file, new ProgressLines(TimeProvider.System).Tell, stop);
            if (parsed.GetValue(json))
                Cli.Print(tried);
            else
                Console.Out.WriteLine($"Version {tried.Version} is in its slot and on trial from the agent's next start on (systemctl restart edge-agent, or the next ignition).");
            return Cli.Done;
        });
        return command;
    }

    public static Command CreateRollback()
    {
        var slots = new SlotOptions();
        var json = Cli.AsJson();
        var command = new Command(
            "rollback",
            """
            Takes the agent back to the version before: the other slot's where that was good, else what the box was installed with.
            From the agent's next start on. What was mended since comes only with a newer release.

            Example: edgectl rollback
            JSON: as 'app status'.
            Exit codes: 0 done, 1 not (codes nothing_before, busy), 2 wrong command line.
            """)
        { slots.Base, slots.Factory, json };
        command.Does(json, async (parsed, stop) =>
        {
            Owner.Become(parsed.GetValue(slots.Base)!);
            var opened = slots.Open(parsed);
            var state = await SlotUpdate.RollBackAsync(opened, "taken back by hand", stop);
            if (parsed.GetValue(json))
                Cli.Print(AppCommand.View(opened, state, null));
            else
                Console.Out.WriteLine($"From the agent's next start on: {(state.Of(state.Current) is { } entry ? $"version {entry.Version} in slot {state.Current}" : "what the box was installed with")}.");
            return Cli.Done;
        });
        return command;
    }
}
