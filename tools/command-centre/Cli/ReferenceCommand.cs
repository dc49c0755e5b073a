using System.CommandLine;
using EdgeAgent.CommandCentre.Identity;
using EdgeAgent.CommandCentre.Sessions;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
using Google.Protobuf;
using Patrol.Dispatch.V1;
using Command = System.CommandLine.Command;

namespace EdgeAgent.CommandCentre.Cli;

/// <summary>What the units of a fleet should all be, signed by the centre; `edgectl why-different` holds a unit against it.</summary>
internal static class ReferenceCommand
{
    private static readonly JsonFormatter Format = new(JsonFormatter.Settings.Default.WithIndentation());

    public static Command Create() => new("reference", "What the units of a fleet should all be.") { Make(), Show(), Differences() };

    private static Command Make()
    {
        var data = CliShared.Data();
        var fleet = new Option<string>("--fleet") { Description = "Which units it is for, such as city or night-shift.", Required = true };
        var from = new Option<string>("--from") { Description = "What a unit said of itself and signed (edgectl why-different --snapshot), or facts as JSON ('reference show' prints some).", Required = true };
        var drop = new Option<string[]>("--drop") { Description = "Leave out facts whose key begins so; several times.", DefaultValueFactory = _ => [] };
        var days = new Option<int>("--days") { Description = "So long it is compared with, 1 to 365.", DefaultValueFactory = _ => 90 };
        var by = new Option<string>("--by") { Description = "Who answers for it.", Required = true };
        var to = new Option<string>("--out") { Description = "The signed reference.", Required = true };
        var json = CliShared.AsJson();
        var command = new Command(
            "make",
            "Signs a reference, made from a unit that is as all should be, or by hand. "
            + "Example: command-centre reference make --data /var/lib/centre --fleet city --from PB-0001.snapshot --drop Terminal. --by li --out city.reference")
        { data, fleet, from, drop, days, by, to, json };
        command.Does(parsed =>
        {
            using var centre = new OpenCentre(parsed.GetValue(data)!);
            using var signer = CentreSigner.Load(centre.Folder);
            var person = CliShared.RequireId(parsed.GetValue(by)!, "a person's account");
            if (parsed.GetValue(days) is not (>= 1 and <= 365))
                throw new CentreException($"--days {parsed.GetValue(days)}: give 1 to 365.");
            var now = OpenCentre.Time.GetUtcNow();
            var (unitId, facts) = Facts(centre, parsed.GetValue(from)!);
            var reference = new FleetReference
            {
                Fleet = CliShared.RequireId(parsed.GetValue(fleet)!, "a fleet"),
                Version = (ulong)now.ToUnixTimeMilliseconds(),
                IssuedAtUnixMs = now.ToUnixTimeMilliseconds(),
                EndsAtUnixMs = now.AddDays(parsed.GetValue(days)).ToUnixTimeMilliseconds(),
                MadeFromUnit = unitId,
                MadeBy = person,
            };
            reference.Facts.AddRange(facts.Where(f => !parsed.GetValue(drop)!.Any(d => f.Key.StartsWith(d, StringComparison.Ordinal)))
                .OrderBy(f => f.Section).ThenBy(f => f.Key, StringComparer.Ordinal));
            if (reference.Facts.Count == 0)
                throw new CentreException("Nothing is left to compare: drop less.");
            File.WriteAllBytes(parsed.GetValue(to)!, signer.Sign(Envelopes.ReferenceType, reference).ToByteArray());
            _ = centre.Database.Write(transaction =>
            {
                AuditTable.Add(transaction, new AuditRow(person, "reference_made", $"{reference.Fleet} v{reference.Version}", unitId), reference.IssuedAtUnixMs);
                return 0;
            });
            if (parsed.GetValue(json))
                CliShared.Print(new { reference.Fleet, reference.Version, facts = reference.Facts.Count, file = Path.GetFullPath(parsed.GetValue(to)!) });
            else
                Console.Out.WriteLine($"Reference version {reference.Version} of {reference.Fleet}, {reference.Facts.Count} facts, is signed in {parsed.GetValue(to)}.");
        });
        return command;
    }

    private static Command Show()
    {
        var data = CliShared.Data();
        var file = new Option<string>("--file") { Description = "A signed reference, or what a unit said of itself and signed.", Required = true };
        var command = new Command(
            "show",
            "Prints what is in it as JSON, once its signature holds. "
            + "Example: command-centre reference show --data /var/lib/centre --file city.reference > city.json") { data, file };
        command.Does(parsed =>
        {
            using var centre = new OpenCentre(parsed.GetValue(data)!);
            var envelope = Read(parsed.GetValue(file)!);
            using var signer = CentreSigner.Load(centre.Folder);
            IMessage content = Envelopes.OpenTrusted(envelope, Envelopes.ReferenceType, SignerRole.Centre, [signer.Certificate]) is { } payload
                ? FleetReference.Parser.ParseFrom(payload.Span)
                : OfUnit(centre, envelope, Envelopes.SnapshotType, UnitSnapshot.Parser, s => s.UnitId, parsed.GetValue(file)!);
            Console.Out.WriteLine(Format.Format(content));
        });
        return command;
    }

    private static Command Differences()
    {
        var data = CliShared.Data();
        var file = new Option<string>("--file") { Description = "Differences that a unit signed (edgectl why-different --out).", Required = true };
        var command = new Command(
            "differences",
            "Prints how a unit differed from its reference, once the unit's signature holds. "
            + "Example: command-centre reference differences --data /var/lib/centre --file PB-0001.difference") { data, file };
        command.Does(parsed =>
        {
            using var centre = new OpenCentre(parsed.GetValue(data)!);
            Console.Out.WriteLine(Format.Format(
                OfUnit(centre, Read(parsed.GetValue(file)!), Envelopes.DifferenceType, UnitDifference.Parser, d => d.UnitId, parsed.GetValue(file)!)));
        });
        return command;
    }

    private static (string UnitId, IEnumerable<UnitFact> Facts) Facts(OpenCentre centre, string file)
    {
        if (!File.ReadAllText(file).AsSpan().TrimStart().StartsWith("{"))
        {
            var snapshot = OfUnit(centre, Read(file), Envelopes.SnapshotType, UnitSnapshot.Parser, s => s.UnitId, file);
            return (snapshot.UnitId, snapshot.Facts);
        }
        try
        {
            var facts = new JsonParser(JsonParser.Settings.Default.WithIgnoreUnknownFields(true)).Parse<FleetReference>(File.ReadAllText(file)).Facts;
            return facts.Any(f => f.Section == FactSection.Unspecified || f.Key.Length == 0) || facts.GroupBy(f => (f.Section, f.Key)).Any(g => g.Count() > 1)
                ? throw new CentreException($"{file}: every fact needs a section and a key, and stands there once.")
                : ("", facts);
        }
        catch (Exception e) when (e is InvalidJsonException or InvalidProtocolBufferException)
        {
            throw new CentreException($"{file} holds no facts: {e.Message}", e);
        }
    }

    private static SignedEnvelope Read(string file)
    {
        try
        {
            return SignedEnvelope.Parser.ParseFrom(File.ReadAllBytes(file));
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new CentreException($"{file} is nothing that was signed: its bytes cannot be read.", e);
        }
    }

    private static T OfUnit<T>(OpenCentre centre, SignedEnvelope envelope, string type, MessageParser<T> parser, Func<T, string> unitOf, string file)
        where T : IMessage<T>
    {
        if (envelope.PayloadType != type)
            throw new CentreException($"{file} is of another kind ({envelope.PayloadType}).");
        var content = parser.ParseFrom(envelope.Payload);
        var unitId = unitOf(content);
        return new UnitTable(centre.Database).HasSigned(unitId, envelope)
            ? content
            : throw new CentreException($"{file} is not signed by unit '{unitId}' with a key that was certified here, or was changed afterwards.");
    }
}
