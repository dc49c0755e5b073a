using EdgeAgent.Agent.Dispatches;
using EdgeAgent.Agent.Officers;
using EdgeAgent.Agent.Retention;
using EdgeAgent.Agent.Terminal;
using EdgeAgent.Contract;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Records;

internal static class RecordServices
{
    /// <summary>Simple case records and requests from the car's window.</summary>
    public static IServiceCollection AddRecords(this IServiceCollection services) => services
        .AddSingleton<RecordStore>().AddSingleton<RecordBook>().AddSingleton<RequestBook>().AddSingleton<RecordNews>().AddSingleton<IStateArea, RecordArea>()
        .AddSingleton<ITakesCommands>(sp => sp.GetRequiredService<RecordNews>()).AddSingleton<IForgets>(sp => sp.GetRequiredService<RecordNews>());
}

/// <summary>What comes to records and requests from outside: the centre's answers, and the end of their time.</summary>
internal sealed class RecordNews(RecordBook records, RequestBook requests) : ITakesCommands, IForgets
{
    private const long DayMs = 86_400_000;

    public string What => "records";

    public string? Take(Command command)
    {
        if (command.FieldNews is not { } news)
            return null;
        if (news.Id.Length != Uuid7.Length || !Enum.IsDefined(news.State) || news.Words.Length > RecordRules.MostAnswer)
            return "bad_field_news";
        Guid id = Uuid7.ToGuid(news.Id.Span);
        // Of one that this car does not have any more there is nothing to say.
        _ = records.Hear(id, news) || requests.Hear(id, news);
        return "";
    }

    /// <summary>Drafts and their pictures go by the clock of single pictures; what was sent stays to be read as long as an instruction does.</summary>
    public int ForgetDue(RetentionPolicy policy, long certainUnixMs) =>
        records.ForgetDue(certainUnixMs - (policy.SnapshotDays * DayMs), certainUnixMs - (policy.InstructionDays * DayMs))
        + requests.ForgetDue(certainUnixMs - (policy.InstructionDays * DayMs));
}

/// <summary>Which records and requests there are and how far; nothing of what stands in them.</summary>
internal sealed class RecordArea(RecordBook records, RequestBook requests, OfficerDesk officers) : IStateArea
{
    public string Name => "records";

    public object? Now() => !officers.IsAnyOpen ? null : new
    {
        cases = records.All.Select(d => new { d.Id, d.Fields.Kind, state = StateOf(d.State), atUnixMs = d.CreatedAtUnixMs, d.OfficerId, persons = d.Fields.Persons.Count, pictures = d.Pictures.Count, d.Answer }),
        requests = requests.All.Select(r => new { r.Id, r.Kind, r.Office, state = StateOf(r.State), r.AtUnixMs, r.OfficerId, r.Answer }),
    };

    private static string StateOf(FieldState state) => state == FieldState.Unspecified ? "draft" : Words.Of(state);
}
