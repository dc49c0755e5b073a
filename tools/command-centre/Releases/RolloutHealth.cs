using EdgeAgent.CommandCentre.Sessions;
using EdgeAgent.CommandCentre.Storage;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Releases;

/// <summary>What a unit says of itself: what it runs, which of its stages are not well, and what became of the release that it was offered.</summary>
internal sealed record UnitState(string SoftwareVersion, bool Online, IReadOnlyList<string> Ill, long HealthAt, long? FetchedAt, long? BackAt, string Dropped);

/// <summary>Where a unit stands in a roll-out, from what it said; no clock and no database of its own.</summary>
internal static class RolloutHealth
{
    public static UnitState Of(UnitRow unit, bool online, StoredEvent? newest, IReadOnlyList<StoredEvent> releases, string version)
    {
        var about = releases.Where(told => told.Event.ReleaseState.Version == version).ToList();
        return new UnitState(
            unit.SoftwareVersion,
            online,
            newest is null ? [] : [.. Ill(newest.Event.UnitHealth).Distinct().Order(StringComparer.Ordinal)],
            newest?.ReceivedAtUnixMs ?? 0,
            about.LastOrDefault(told => told.Event.ReleaseState.Outcome == ReleaseOutcome.Fetched)?.ReceivedAtUnixMs,
            about.LastOrDefault(told => told.Event.ReleaseState.Outcome is ReleaseOutcome.GivenUp or ReleaseOutcome.TakenBack)?.ReceivedAtUnixMs,
            about.Count > 0 && about[^1].Event.ReleaseState is { Outcome: ReleaseOutcome.Dropped } dropped ? dropped.Code : "");
    }

    // By the car's own judgement, which leaves out what lies outside its software: a tunnel must not stop a roll-out.
    private static IEnumerable<string> Ill(UnitHealth health) => health.Judgement is { } own ? own.Ill
        : health.Stages.Where(stage => stage.State is StageState.Degraded or StageState.Stopped).Select(stage => stage.Name);

    /// <summary>The unit as it stands now. Fails with a code: dropped, not_back, went_back, unwell.</summary>
    public static RolloutUnit Next(RolloutUnit unit, UnitState said, string version, TimeSpan back, long now)
    {
        if (unit.State is not ("offered" or "fetched" or "installed"))
            return unit;
        if (unit.State == "installed")
            return Installed(unit, said, version);
        if (said.SoftwareVersion == version)
            return unit with { State = "installed", InstalledAt = now };
        if (said.Dropped.Length > 0)
            return unit with { State = "failed", Code = "dropped" };
        if (said.BackAt >= unit.OfferedAt)
            return unit with { State = "failed", Code = "went_back" };
        var fetched = unit.FetchedAt ?? (said.FetchedAt >= unit.OfferedAt ? said.FetchedAt : null);
        return fetched is null ? unit
            : now - fetched > back.TotalMilliseconds ? unit with { State = "failed", FetchedAt = fetched, Code = "not_back" }
            : unit with { State = "fetched", FetchedAt = fetched };
    }

    // Ill before is no fault of the release; what fell ill with it is.
    private static RolloutUnit Installed(RolloutUnit unit, UnitState said, string version) =>
        said.SoftwareVersion != version ? unit with { State = "failed", Code = "went_back" }
        : said.HealthAt >= unit.InstalledAt && said.Ill.Except(unit.IllBefore.Split('\n'), StringComparer.Ordinal).Any() ? unit with { State = "failed", Code = "unwell" }
        : unit;
}
