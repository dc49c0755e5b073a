using EdgeAgent.CommandCentre.Storage;

namespace EdgeAgent.CommandCentre.ConsoleApi;

/// <summary>
/// What a console shows as a whole: sent when it connects, and again after <see cref="ConsoleFeed.Changed"/> where it is news to this
/// person. Changes made by another process come through the table of changes (<see cref="ChangeKind.Topics"/>).
/// </summary>
internal interface IConsoleTopic
{
    /// <summary>The type of its message.</summary>
    public string Type { get; }

    /// <summary>Who is sent it at all.</summary>
    public Permission Needs => Permission.Operate;

    /// <summary>Null: not for this person.</summary>
    public object? Now(HttpContext viewer);
}

internal sealed class ListsTopic(ListTable lists, RegisterTable registers) : IConsoleTopic
{
    public string Type => "lists";

    public Permission Needs => Permission.ReadLists;

    public object Now(HttpContext viewer) => ListView.All(lists, registers);
}

/// <summary>For administrators; sent only where it is news to this person, since a message with each alarm would tell whoever raised it.</summary>
internal sealed class AlarmsTopic(EntryEndpoints entries) : IConsoleTopic
{
    public string Type => "alarms";

    public Permission Needs => Permission.ReadAlarms;

    public object? Now(HttpContext viewer) => entries.OpenFor(viewer);
}
