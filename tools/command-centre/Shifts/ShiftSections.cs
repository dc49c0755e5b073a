using System.Globalization;
using EdgeAgent.CommandCentre.Calls;
using EdgeAgent.CommandCentre.Emergencies;
using EdgeAgent.CommandCentre.Hazards;
using EdgeAgent.CommandCentre.Instructions;
using EdgeAgent.CommandCentre.Sessions;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Shifts;

/// <summary>Calls that go on, by their numbers: what they are about is in the calls themselves, each look at one in the audit.</summary>
internal sealed class CallSection(CallTable calls, CallDesk desk) : IShiftSection
{
    public string Section => "calls";

    public IEnumerable<ShiftLine> Lines(ShiftSpan span) => calls.Open()
        .Where(call => desk.MaySee(call, span.District))
        .Select(call => new ShiftLine(
            call.Owner.Length == 0 ? "call_waits" : "call_open",
            Values.Of(("number", call.Number), ("unit", call.Owner), ("at", call.ReceivedAt)), true));
}

internal sealed class SosSection(SosTable table) : IShiftSection
{
    public string Section => "sos";

    public IEnumerable<ShiftLine> Lines(ShiftSpan span)
    {
        var open = table.Open();
        return open.Concat(table.Between(span.FromUnixMs, span.ToUnixMs).Where(row => row.ClosedAt is not null))
            .Where(row => span.MaySee(row.UnitId))
            .Select(row => new ShiftLine(
                row.ClosedAt is null ? "sos_open" : "sos_closed",
                Values.Of(("unit", row.UnitId), ("at", row.At), ("by", row.ClosedBy ?? row.AcknowledgedBy ?? "")), row.ClosedAt is null));
    }
}

internal sealed class HazardSection(HazardTable table) : IShiftSection
{
    public string Section => "hazards";

    public IEnumerable<ShiftLine> Lines(ShiftSpan span) => table.Board(span.FromUnixMs)
        .Where(row => span.MaySee(row.UnitId))
        .Select(row => new ShiftLine(
            $"hazard_{HazardTable.Word((HazardState)row.State)}", Values.Of(("unit", row.UnitId), ("at", row.FoundAt), ("kind", row.Kind)),
            row.State < (int)HazardState.Closed));
}

internal sealed class InstructionSection(InstructionTable table) : IShiftSection
{
    public string Section => "instructions";

    public IEnumerable<ShiftLine> Lines(ShiftSpan span)
    {
        var (rows, units) = table.Since(span.FromUnixMs);
        foreach (var row in rows.Where(row => row.At < span.ToUnixMs))
        {
            var to = units[Uuid7.ToGuid(row.InstructionId)].Where(unit => span.MaySee(unit.UnitId)).ToList();
            var unread = to.Where(unit => unit.ReadAt is null).Select(unit => unit.UnitId).ToList();
            if (to.Count > 0)
                yield return new ShiftLine(
                    unread.Count > 0 ? "instruction_unread" : "instruction_read",
                    Values.Of(("by", row.Account), ("at", row.At), ("units", string.Join(' ', unread)), ("n", to.Count)), unread.Count > 0);
        }
    }
}

/// <summary>Decided alerts as numbers: who was found is in the incidents themselves, each look at them in the audit.</summary>
internal sealed class AlertSection(EventLedger ledger) : IShiftSection
{
    public string Section => "alerts";

    public IEnumerable<ShiftLine> Lines(ShiftSpan span) => ledger.Decided(span.FromUnixMs, span.ToUnixMs)
        .Where(unit => span.MaySee(unit.UnitId))
        .Select(unit => new ShiftLine("alerts_decided", Values.Of(("unit", unit.UnitId), ("n", unit.Count)), false));
}

/// <summary>Cars that owe evidence, and those that were on the line during the shift and are not now.</summary>
internal sealed class CarSection(UnitTable units, UnitGapTable gaps, SessionRegistry sessions) : IShiftSection
{
    public string Section => "cars";

    public IEnumerable<ShiftLine> Lines(ShiftSpan span)
    {
        var owed = gaps.All();
        foreach (var unit in units.All().Where(unit => unit is { RevokedAt: null, EnrolledAt: not null } && span.MaySee(unit.UnitId)))
        {
            if (owed.GetValueOrDefault(unit.UnitId) is { } gap && gap != UnitGaps.None)
                yield return new ShiftLine("car_owes", Values.Of(("unit", unit.UnitId), ("missing", gap.Missing), ("awaited", gap.Awaited), ("refused", gap.Refused)), true);
            if (!sessions.IsOnline(unit.UnitId) && unit.LastSeenAt >= span.FromUnixMs)
                yield return new ShiftLine("car_away", Values.Of(("unit", unit.UnitId), ("at", unit.LastSeenAt ?? 0)), true);
        }
    }
}

internal static class Values
{
    public static IReadOnlyDictionary<string, string> Of(params ReadOnlySpan<(string Name, object Value)> values)
    {
        var named = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in values)
            named[name] = Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
        return named;
    }
}
