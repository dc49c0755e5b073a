using EdgeAgent.CommandCentre.Storage;

namespace EdgeAgent.CommandCentre.ConsoleApi;

/// <summary>What a console is shown of what is stored.</summary>
internal sealed class ConsoleViews(ListTable lists, RegisterTable registers, EntryEndpoints entries)
{
    public IReadOnlyList<ListView> Lists() => ListView.All(lists, registers);

    public IReadOnlyList<AlarmView> AlarmsFor(HttpContext context) => entries.OpenFor(context);
}
