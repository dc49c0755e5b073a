using EdgeAgent.CommandCentre.Storage;

namespace EdgeAgent.CommandCentre.ConsoleApi;

/// <summary>What somebody at a console may do. Every endpoint names one (<see cref="PermissionEndpoints.Needs"/>).</summary>
internal enum Permission
{
    /// <summary>One's own account: who am I, password, second factor, sessions. Everybody who is signed in.</summary>
    Own,

    /// <summary>The shift's work: map, cars, whatever names nothing narrower.</summary>
    Operate,
    ReadIncidents,
    ViewLive,
    Instruct,
    HandleCalls,

    /// <summary>What was patrolled, police visibility, cordons: numbers and places, which an auditor judges too.</summary>
    WatchField,
    ReadEvidence,

    /// <summary>Case records and requests from cars, with the people in them.</summary>
    ReadRecords,
    ReadLists,

    /// <summary>Entries of lists, one by one and for a purpose.</summary>
    ReadEntries,

    /// <summary>Who touched a canary.</summary>
    ReadAlarms,
    DraftLists,

    /// <summary>With one's own key; never a draft of one's own.</summary>
    ApproveLists,
    RevokeLists,
    ManageUnits,
    ManageOfficers,
    ManageAccounts,
    ProposePolicies,
    ApprovePolicies,
    ManageReleases,
    ReadAudit,
    MakeReports,
    ReadRequests,
}

/// <summary>The one table of what each role may do. A role is a job, not a rank: an auditor sees nothing of the shift's work.</summary>
internal static class Permissions
{
    private static readonly Permission[] Shift =
    [
        Permission.Own, Permission.Operate, Permission.ReadIncidents, Permission.ViewLive, Permission.Instruct, Permission.HandleCalls,
        Permission.WatchField, Permission.ReadEvidence, Permission.ReadRecords, Permission.ReadLists,
    ];

    private static readonly Permission[] Lead =
    [
        .. Shift, Permission.ReadEntries, Permission.DraftLists, Permission.ApproveLists, Permission.RevokeLists, Permission.ManageOfficers,
        Permission.ProposePolicies, Permission.ApprovePolicies, Permission.MakeReports,
    ];

    private static readonly Dictionary<string, HashSet<Permission>> Table = new(StringComparer.Ordinal)
    {
        ["dispatcher"] = [.. Shift],
        ["supervisor"] = [.. Lead],
        ["admin"] =
        [
            .. Lead, Permission.ReadAlarms, Permission.ManageUnits, Permission.ManageAccounts, Permission.ManageReleases,
            Permission.ReadAudit, Permission.ReadRequests,
        ],
        ["auditor"] = [Permission.Own, Permission.WatchField, Permission.ReadAudit, Permission.MakeReports, Permission.ReadRequests],
        ["technician"] = [Permission.Own, Permission.ManageUnits, Permission.ManageReleases],
    };

    public static IReadOnlyList<string> Roles { get; } = [.. AccountTable.Roles];

    public static bool Has(string role, Permission permission) => Table.TryGetValue(role, out var may) && may.Contains(permission);

    public static IReadOnlyList<Permission> Of(string role) => Table.TryGetValue(role, out var may) ? [.. may.Order()] : [];

    /// <summary>False too while the session may only set its account in order.</summary>
    public static bool May(this HttpContext context, Permission permission) =>
        Has(context.Role(), permission) && (permission == Permission.Own || !context.User.HasClaim(claim => claim.Type == PermissionHandler.RestrictedClaim));

    /// <summary>As answers and pages spell it: lower case with underscores.</summary>
    public static string Word(Permission permission) =>
        string.Concat(permission.ToString().Select((c, at) => char.IsUpper(c) ? (at == 0 ? "" : "_") + char.ToLowerInvariant(c) : c.ToString()));
}
