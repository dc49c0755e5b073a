using EdgeAgent.CommandCentre.Identity;
using EdgeAgent.CommandCentre.Lists;
using EdgeAgent.CommandCentre.Releases;
using EdgeAgent.CommandCentre.Storage;
using Microsoft.AspNetCore.Mvc;

namespace EdgeAgent.CommandCentre.ConsoleApi.Admin;

/// <summary>The tabs of the administration page, a class each.</summary>
internal static class Administration
{
    public static void AddAdministration(this IServiceCollection services)
    {
        services.AddSingleton<DraftTable>();
        services.AddSingleton<ApproverKeys>();
        services.AddSingleton<ListIssuing>();
        services.AddSingleton<DraftBook>();
        services.AddSingleton<DraftBuilding>();
        services.AddSingleton<DraftEndpoints>();
        services.AddSingleton<DraftApprovals>();
        services.AddSingleton<ApproverEndpoints>();
        services.AddSingleton<ListRevocations>();
        services.AddSingleton<IConsoleTopic, DraftsTopic>();
        services.AddSingleton<UnitAdmin>();
        services.AddSingleton<OfficerAdmin>();
        services.AddSingleton<OfficerFaceAdmin>();
        services.AddSingleton<AccountAdmin>();
        services.AddSingleton<AuditAdmin>();
        services.AddSingleton<ProposalDesk>();
        services.AddSingleton<PolicyAdmin>();
        services.AddSingleton<FaceLoginAdmin>();
        services.AddSingleton<DecommissionAdmin>();
        services.AddHostedService<DecommissionSweep>();
        services.AddSingleton<RolloutTable>();
        services.AddSingleton<ReleaseOrders>();
        services.AddSingleton<RolloutBook>();
        services.AddSingleton<RolloutAdmin>();
        services.AddHostedService<RolloutDriver>();
    }

    public static void MapAdministration(this IServiceProvider services, RouteGroupBuilder api)
    {
        services.GetRequiredService<DraftEndpoints>().Map(api);
        services.GetRequiredService<DraftApprovals>().Map(api);
        services.GetRequiredService<ApproverEndpoints>().Map(api);
        services.GetRequiredService<ListRevocations>().Map(api);
        services.GetRequiredService<UnitAdmin>().Map(api);
        services.GetRequiredService<OfficerAdmin>().Map(api);
        services.GetRequiredService<OfficerFaceAdmin>().Map(api);
        services.GetRequiredService<AccountAdmin>().Map(api);
        services.GetRequiredService<AuditAdmin>().Map(api);
        services.GetRequiredService<PolicyAdmin>().Map(api);
        services.GetRequiredService<FaceLoginAdmin>().Map(api);
        services.GetRequiredService<DecommissionAdmin>().Map(api);
        services.GetRequiredService<RolloutAdmin>().Map(api);
    }

    /// <summary>For bodies that carry more than words: drafts with pictures.</summary>
    public static TBuilder TakesUpTo<TBuilder>(this TBuilder endpoint, long bytes)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new RequestSizeLimitAttribute(bytes));

    public static IResult Ok(object value) => Results.Json(value, ConsoleJson.Options);

    /// <summary>A refusal with what was wrong in the words of whoever found it.</summary>
    public static IResult Refused(int status, string code, string detail) => Results.Json(new { code, detail }, ConsoleJson.Options, statusCode: status);

    /// <summary>"" or reason_required, reason_too_long.</summary>
    public static string ReasonProblem(string reason) =>
        reason.Length < DraftBook.LeastReason ? "reason_required" : reason.Length > DraftBook.MostReason ? "reason_too_long" : "";
}
