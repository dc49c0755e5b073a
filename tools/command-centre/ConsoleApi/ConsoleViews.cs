using System.Text.Json;
using EdgeAgent.CommandCentre.Sessions;
using EdgeAgent.CommandCentre.Storage;

namespace EdgeAgent.CommandCentre.ConsoleApi;

/// <summary>What a console is shown of what is stored, as far as its person may see it.</summary>
internal sealed class ConsoleViews(UnitViews units, EventTable events, Visibility visibility, IEnumerable<IConsoleTopic> topics)
{
    private readonly IReadOnlyDictionary<string, IConsoleTopic> byType = topics.ToDictionary(topic => topic.Type, StringComparer.Ordinal);

    private static readonly byte[] NoUnits = JsonSerializer.SerializeToUtf8Bytes(new { type = "units", data = Array.Empty<UnitView>() }, ConsoleJson.Options);

    public IEnumerable<string> Topics => byType.Keys;

    /// <summary>The whole message, or null where this person is shown none.</summary>
    public byte[]? Topic(string type, HttpContext viewer) =>
        byType.GetValueOrDefault(type) is { } topic && viewer.May(topic.Needs) && topic.Now(viewer) is { } data
            ? JsonSerializer.SerializeToUtf8Bytes(new { type, data }, ConsoleJson.Options)
            : null;

    /// <summary>Nothing of the shift's work for a role outside it.</summary>
    public ReadOnlyMemory<byte> Units(HttpContext viewer) =>
        viewer.May(Permission.Operate) ? units.Message(Visibility.DistrictOf(viewer)) : NoUnits;

    /// <summary>The newest decided alerts, oldest first.</summary>
    public IReadOnlyList<StoredEvent> Newest(HttpContext viewer, int count) =>
        [.. events.Newest("alert_decided", count).Where(incident => MaySee(viewer, incident))];

    public bool MaySee(HttpContext viewer, StoredEvent incident) => viewer.May(Permission.ReadIncidents) && visibility.MaySee(viewer, incident.UnitId);
}
