using System.Data.Common;
using Dapper;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.PublicReports;

/// <summary>Lists of one kind and category: acts of the authority, counted exactly, and their entries, which are persons and vehicles.</summary>
internal sealed record ListCounts(ListKind Kind, ListCategory Category)
{
    public long InForce { get; init; }
    public long Entries { get; init; }
    public long Issued { get; init; }
    public long Revoked { get; init; }
    public long Ended { get; init; }
    public long OldestHours { get; init; }
}

internal sealed record LiveCounts(IReadOnlyDictionary<string, long> ViewsByCamera, IReadOnlyDictionary<string, long> MsByCamera, long WithoutReason, long Steered);

internal sealed record RequestCounts
{
    public string Kind { get; init; } = "";
    public long InTime { get; init; }
    public long Late { get; init; }
    public long Open { get; init; }
    public long Overdue { get; init; }
    public long Refused { get; init; }
    public long Extended { get; init; }

    public long Received => InTime + Late + Open;
}

/// <param name="SignIns">At the console.</param>
/// <param name="MissingNumbers">Of lanes, noticed in the month, still neither here nor accounted for.</param>
/// <param name="AwaitedFiles">Announced in the month, still not here.</param>
internal sealed record CentreCounts(long UnitsInService, long SignIns, long SignInsRefused, long MissingNumbers, long AwaitedFiles);

/// <summary>Counts what the centre itself wrote down: lists, live views, sign-ins, gaps, requests. Free texts and ids stay in the database.</summary>
internal sealed class RegisterReader(DbTransaction transaction, ReportMonth month, DateTimeOffset now)
{
    /// <summary>The month's end, or now while it runs.</summary>
    private readonly long until = Math.Min(month.To, now.ToUnixTimeMilliseconds());

    public IReadOnlyList<ListCounts> Lists() => [.. transaction.Connection!.Query<ListFigures>(
        """
        WITH stands AS (
            SELECT l.*, r.revoked_at,
                   l.version = (SELECT max(n.version) FROM lists n WHERE n.list_id = l.list_id AND n.issued_at < @until) AS newest
            FROM lists l LEFT JOIN list_revocations r USING (list_id))
        SELECT kind AS Kind, category AS Category,
               sum(CASE WHEN newest AND valid_to >= @until AND (revoked_at IS NULL OR revoked_at >= @until) THEN 1 ELSE 0 END) AS InForce,
               sum(CASE WHEN newest AND valid_to >= @until AND (revoked_at IS NULL OR revoked_at >= @until) THEN entries ELSE 0 END) AS Entries,
               sum(CASE WHEN issued_at >= @From AND issued_at < @until THEN 1 ELSE 0 END) AS Issued,
               sum(CASE WHEN newest AND revoked_at >= @From AND revoked_at < @until THEN 1 ELSE 0 END) AS Revoked,
               sum(CASE WHEN newest AND valid_to >= @From AND valid_to < @until AND (revoked_at IS NULL OR revoked_at > valid_to) THEN 1 ELSE 0 END) AS Ended,
               min(CASE WHEN newest AND valid_to >= @until AND (revoked_at IS NULL OR revoked_at >= @until) THEN issued_at END) AS Oldest
        FROM stands WHERE issued_at < @until GROUP BY kind, category ORDER BY kind, category
        """,
        new { month.From, until }, transaction)
        .Select(row => new ListCounts((ListKind)row.Kind, (ListCategory)row.Category)
        {
            InForce = row.InForce,
            Entries = row.Entries,
            Issued = row.Issued,
            Revoked = row.Revoked ?? 0,
            Ended = row.Ended ?? 0,
            OldestHours = row.Oldest is { } oldest ? (until - oldest) / 3_600_000 : 0,
        })];

    public LiveCounts Live()
    {
        var (views, spans) = (new CodeCounts(PublicWords.Cameras), new CodeCounts(PublicWords.Cameras));
        foreach (var (camera, count, ms) in transaction.Connection!.Query<(string, long, long)>(
            """
            SELECT camera_id, count(*), sum(CASE WHEN until > started_at THEN until - started_at ELSE 0 END) FROM (
                SELECT camera_id, started_at, CASE WHEN ended_at < ends_at AND ended_at < @now THEN ended_at WHEN ends_at < @now THEN ends_at ELSE @now END AS until
                FROM leases WHERE started_at >= @From AND started_at < @To) AS spans
            GROUP BY camera_id
            """,
            new { month.From, month.To, now = now.ToUnixTimeMilliseconds() }, transaction))
        {
            views.Add(camera, count);
            spans.Add(camera, ms);
        }
        return new LiveCounts(
            views.All, spans.All,
            Scalar("SELECT count(*) FROM leases WHERE started_at >= @From AND started_at < @To AND trim(reason) = ''"),
            Scalar("SELECT count(DISTINCT subject) FROM audit WHERE action = 'ptz' AND at >= @From AND at < @To"));
    }

    public CentreCounts Centre() => new(
        Scalar("SELECT count(*) FROM units WHERE enrolled_at < @To AND (revoked_at IS NULL OR revoked_at >= @From)"),
        Scalar("SELECT count(*) FROM audit WHERE action = 'sign_in' AND at >= @From AND at < @To"),
        Scalar("SELECT count(*) FROM audit WHERE action = 'sign_in_refused' AND at >= @From AND at < @To"),
        Scalar("SELECT coalesce(sum(to_number - from_number + 1), 0) FROM missing WHERE noticed_at >= @From AND noticed_at < @To"),
        Scalar("SELECT count(*) FROM awaited WHERE since >= @From AND since < @To"));

    /// <summary>Those that came in the month, as they stand now.</summary>
    public IReadOnlyList<RequestCounts> Requests(DateOnly today) => [.. transaction.Connection!.Query<RequestCounts>(
        """
        SELECT kind AS Kind, sum(CASE WHEN closed_on IS NOT NULL AND closed_on <= due_on THEN 1 ELSE 0 END) AS InTime, sum(CASE WHEN closed_on IS NOT NULL AND closed_on > due_on THEN 1 ELSE 0 END) AS Late,
               sum(CASE WHEN closed_on IS NULL THEN 1 ELSE 0 END) AS Open, sum(CASE WHEN closed_on IS NULL AND due_on < @today THEN 1 ELSE 0 END) AS Overdue, sum(CASE WHEN state = 'refused' THEN 1 ELSE 0 END) AS Refused,
               sum(extended) AS Extended
        FROM requests WHERE received_on BETWEEN @first AND @last GROUP BY kind ORDER BY kind
        """,
        new { first = $"{month.First:yyyy-MM-dd}", last = $"{month.Last:yyyy-MM-dd}", today = $"{today:yyyy-MM-dd}" }, transaction)];

    private long Scalar(string query) => transaction.Connection!.ExecuteScalar<long>(query, new { month.From, month.To }, transaction);

    private sealed record ListFigures
    {
        public int Kind { get; init; }
        public int Category { get; init; }
        public long InForce { get; init; }
        public long Entries { get; init; }
        public long Issued { get; init; }
        public long? Revoked { get; init; }
        public long? Ended { get; init; }
        public long? Oldest { get; init; }
    }
}
