using System.CommandLine;
using EdgeAgent.Contract;
using EdgeAgent.DispatchClient.Identity;
using EdgeAgent.Edgectl.Box;
using Google.Protobuf;
using Patrol.Dispatch.V1;
using Command = System.CommandLine.Command;

namespace EdgeAgent.Edgectl.Difference;

internal static class WhyDifferentCommand
{
    private const int DifferentInWhatMatters = 3;

    public static Command Create()
    {
        var data = Cli.Data();
        var reference = new Option<string?>("--reference") { Description = "The fleet's reference, as the centre signed it (command-centre reference make)." };
        var snapshot = new Option<string?>("--snapshot") { Description = "Write what this unit is, signed by it, into this file: a reference can be made from it." };
        var to = new Option<string?>("--out") { Description = "Also write the differences, signed by this unit, to be filed." };
        var json = Cli.AsJson();
        var command = new Command(
            "why-different",
            """
            Compares what runs on this unit with the fleet's reference: software, models, thresholds, lists and settings; says what is
            different, in which direction, and whether it matters to what is seen, matched and decided.

            Example: edgectl why-different --data /var/lib/edge-agent --reference city.reference --out PB-0001.difference
              edgectl why-different --data /var/lib/edge-agent --snapshot PB-0001.snapshot
            JSON: {"unitId","fleet","referenceVersion","differences":[{"section","key","reference","unit",
            "direction": missing|extra|older|newer|higher|lower|other,"matters","sentence"}]}, or with --snapshot {"unitId","facts","file"}.
            Exit codes: 0 the same in all that matters; 1 not compared (codes agent_not_running, not_a_reference, not_signed_by_centre,
            reference_ended, other_unit, no_identity); 2 wrong command line; 3 different in what matters.
            """)
        { data, reference, snapshot, to, json };
        command.Validators.Add(given =>
        {
            if ((given.GetResult(reference) is null) == (given.GetResult(snapshot) is null))
                given.AddError("Give either --reference FILE or --snapshot FILE.");
        });
        command.Does(json, async (parsed, stop) =>
        {
            using var unit = UnitIdentity.Load(Cli.IdentityIn(parsed.GetValue(data)!));
            var agent = await RunningAgent.RequireAsync(parsed.GetValue(data)!, stop);
            if (agent.UnitId != unit.UnitId)
                throw new CommandException("other_unit", $"The agent that runs is unit {agent.UnitId}, the identity is {unit.UnitId}'s: restart the agent.");
            var self = Snapshot.Of(agent, TimeProvider.System);
            return parsed.GetValue(snapshot) is { } file
                ? Save(self, unit, file, parsed.GetValue(json))
                : Compare(self, unit, parsed.GetValue(reference)!, parsed.GetValue(to), parsed.GetValue(json));
        });
        return command;
    }

    private static int Save(UnitSnapshot snapshot, UnitIdentity unit, string file, bool json)
    {
        File.WriteAllBytes(file, unit.SignEnvelope(Envelopes.SnapshotType, snapshot.ToByteArray()).ToByteArray());
        if (json)
            Cli.Print(new { snapshot.UnitId, facts = snapshot.Facts.Count, file = Path.GetFullPath(file) });
        else
            Console.Out.WriteLine($"{Cli.Counted(snapshot.Facts.Count, "fact")} of unit {snapshot.UnitId}, signed by it, in {file}.");
        return Cli.Done;
    }

    private static int Compare(UnitSnapshot snapshot, UnitIdentity unit, string path, string? to, bool json)
    {
        var now = TimeProvider.System.GetUtcNow();
        var reference = SignedReference.Open(path, unit, now);
        var difference = new UnitDifference
        {
            UnitId = unit.UnitId,
            ComparedAtUnixMs = now.ToUnixTimeMilliseconds(),
            Fleet = reference.Content.Fleet,
            ReferenceVersion = reference.Content.Version,
            ReferenceSha256 = ByteString.CopyFrom(reference.Sha256),
        };
        difference.Differences.AddRange(Comparison.Of(reference.Content.Facts, snapshot.Facts));
        if (to is not null)
            File.WriteAllBytes(to, unit.SignEnvelope(Envelopes.DifferenceType, difference.ToByteArray()).ToByteArray());
        if (json)
            Cli.Print(Shape(difference));
        else
            Show(difference);
        return difference.Differences.Any(d => d.Matters) ? DifferentInWhatMatters : Cli.Done;
    }

    private static object Shape(UnitDifference difference) => new
    {
        difference.UnitId,
        difference.Fleet,
        difference.ReferenceVersion,
        differences = difference.Differences.Select(d => new
        {
            section = d.Section,
            d.Key,
            d.Reference,
            d.Unit,
            d.Direction,
            d.Matters,
            sentence = Comparison.Sentence(d),
        }),
    };

    private static void Show(UnitDifference difference)
    {
        foreach (var d in difference.Differences.OrderBy(d => !d.Matters))
            Console.Out.WriteLine($"{(d.Matters ? "matters: " : "minor:   ")}{Comparison.Sentence(d)}");
        Console.Out.WriteLine(
            difference.Differences.Count == 0 ? $"Unit {difference.UnitId} is as version {difference.ReferenceVersion} of {difference.Fleet} says."
            : $"Unit {difference.UnitId} differs from version {difference.ReferenceVersion} of {difference.Fleet} in {Cli.Counted(difference.Differences.Count, "thing")}, of which {difference.Differences.Count(d => d.Matters)} matter.");
    }
}
