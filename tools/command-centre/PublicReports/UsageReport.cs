namespace EdgeAgent.CommandCentre.PublicReports;

/// <summary>One month as it is published, as a page or as JSON: numbers, and words of closed sets. Nothing else has a place in it.</summary>
internal sealed record UsageReport
{
    public required string Month { get; init; }
    public required string TimeZone { get; init; }
    public required string MadeAt { get; init; }

    /// <summary>The month is not over.</summary>
    public bool Preliminary { get; init; }

    /// <summary>Nothing at all was recorded.</summary>
    public bool Empty { get; init; }
    public required HitFigures Hits { get; init; }
    public required IReadOnlyList<KindFigures> Kinds { get; init; }
    public required IReadOnlyList<DayFigures> Days { get; init; }
    public required IReadOnlyList<WeekFigures> Weeks { get; init; }
    public required IReadOnlyList<CodeFigure> RejectionReasons { get; init; }
    public required IReadOnlyList<CodeFigure> Contradictions { get; init; }
    public required ToneFigures Tones { get; init; }
    public required ListFigures Lists { get; init; }
    public required LiveFigures LiveViews { get; init; }
    public required CarFigures Cars { get; init; }
    public required GapFigures Missing { get; init; }
    public required RequestFigures Requests { get; init; }
}

/// <param name="FalseAlertRate">Rejected of decided; null where nothing was decided, or the counts it follows from are hidden.</param>
internal sealed record HitFigures(Figure Shown, Figure Confirmed, Figure Rejected, Figure NotSeen, RateFigure? FalseAlertRate);

/// <summary>Rejected of confirmed and rejected, with its 95 % interval, never without.</summary>
internal sealed record RateFigure(double Value, double Low, double High, long Decided)
{
    public static RateFigure? Of(Figure confirmed, Figure rejected) =>
        confirmed.Value is { } yes && rejected.Value is { } no && Share.Wilson(no, yes + no) is { } share
            ? new RateFigure(Math.Round(share.Value, 4), Math.Round(share.Low, 4), Math.Round(share.High, 4), share.Count)
            : null;
}

internal sealed record KindFigures(string Kind, HitFigures Hits, IReadOnlyList<CategoryFigures> Categories);

internal sealed record CategoryFigures(string Category, HitFigures Hits);

internal sealed record DayFigures(string Day, Figure Confirmed, Figure Rejected, Figure NotSeen);

internal sealed record WeekFigures(string From, string To, Figure Decided, RateFigure? FalseAlertRate);

internal sealed record CodeFigure(string Code, Figure Count);

/// <param name="BadSignatures">Decisions that are not what the unit signed, or cannot be read: in no other count.</param>
/// <param name="CameLate">Alerts that came after the month's end.</param>
internal sealed record ToneFigures(Figure Stop, Figure Check, Figure Unknown, Figure BadSignatures, Figure CameLate);

internal sealed record ListFigures(
    IReadOnlyList<ListCategoryFigures> Categories, Figure Loaded, Figure RefusedByCars, Figure Expired, Figure Revoked, Figure Suspended,
    IReadOnlyList<CodeFigure> RefusalCodes);

internal sealed record ListCategoryFigures(string Kind, string Category, Figure InForce, Figure Entries, Figure Issued, Figure Revoked, Figure Ended, double OldestDays);

/// <param name="Minutes">That views were open.</param>
/// <param name="SentMinutes">That cars say they sent.</param>
internal sealed record LiveFigures(
    Figure Views, double Minutes, Figure WithoutReason, Figure Steered, Figure StreamsEnded, double SentMinutes, IReadOnlyList<CameraFigures> Cameras);

internal sealed record CameraFigures(string Camera, Figure Views, double Minutes);

internal sealed record CarFigures(
    Figure InService, Figure Reported, Figure CarDays, int DaysOfMonth, Figure OfficerSignIns, Figure OfficerSignInsRefused, Figure ConsoleSignIns,
    Figure ConsoleSignInsRefused);

internal sealed record GapFigures(Figure Numbers, Figure Files, Figure DeletedBeforeSending, Figure RefusedEvents, IReadOnlyList<CodeFigure> RefusalCodes);

internal sealed record RequestFigures(
    Figure Received, Figure InTime, Figure Late, Figure Open, Figure Overdue, Figure Refused, Figure Extended, IReadOnlyList<RequestKindFigures> Kinds);

internal sealed record RequestKindFigures(string Kind, Figure Received, Figure InTime, Figure Late, Figure Open);
