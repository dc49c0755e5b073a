using EdgeAgent.CommandCentre.Exhibits;
using EdgeAgent.CommandCentre.Retention;
using EdgeAgent.CommandCentre.Storage;

namespace EdgeAgent.CommandCentre.ConsoleApi;

internal sealed record HoldView(string By, string Reason, long AtUnixMs);

/// <summary>Something made of a piece of evidence.</summary>
internal sealed record MadeView(Guid Id, string Kind, string MadeBy, long MadeAtUnixMs, string State, string StateReason, string MediaType);

/// <summary>One piece of evidence as the console shows it once it is opened.</summary>
internal sealed record ExhibitView
{
    public Guid Id { get; init; }
    public required string Kind { get; init; }
    public required string UnitId { get; init; }
    public required string CameraId { get; init; }
    public long FromUnixMs { get; init; }
    public long ToUnixMs { get; init; }
    public double? Latitude { get; init; }
    public double? Longitude { get; init; }
    public required string Reason { get; init; }
    public required string CallNumber { get; init; }
    public required string MadeBy { get; init; }
    public long? MadeAtUnixMs { get; init; }
    public Guid? SourceId { get; init; }

    /// <summary>expected, coming, here or none.</summary>
    public required string State { get; init; }
    public required string StateReason { get; init; }
    public required string MediaType { get; init; }
    public long? SizeBytes { get; init; }
    public required string Sha256 { get; init; }
    public string? FileUrl { get; init; }

    /// <summary>The decided alert; null for what was made here.</summary>
    public IncidentView? Incident { get; init; }
    public HoldView? Hold { get; init; }
    public required IReadOnlyList<MadeView> Made { get; init; }
}

internal sealed class ExhibitViews(EvidenceItems items, ExhibitTable exhibits, ExhibitStore store, Custody custody, CentreDatabase database)
{
    public Stream Open(byte[] sha256, long sizeBytes) => store.Open(sha256, sizeBytes);

    public ExhibitView Of(EvidenceItem item) => new()
    {
        Id = item.Id,
        Kind = item.Kind,
        UnitId = item.UnitId,
        CameraId = item.CameraId,
        FromUnixMs = item.FromUnixMs,
        ToUnixMs = item.ToUnixMs,
        Latitude = item.Words.Latitude,
        Longitude = item.Words.Longitude,
        Reason = item.Words.Reason,
        CallNumber = item.Words.CallNumber,
        MadeBy = item.Made?.MadeBy ?? "",
        MadeAtUnixMs = item.Made?.MadeAtUnixMs,
        SourceId = item.Made?.SourceId,
        State = item.File.State,
        StateReason = item.File.Reason,
        MediaType = item.File.MediaType,
        SizeBytes = item.File.SizeBytes,
        Sha256 = item.File.Sha256 is { } hash ? Convert.ToHexStringLower(hash) : "",
        FileUrl = item.File.State == "here" ? $"/api/evidence/{item.Id}/file" : null,
        Incident = item.Told is null ? null : IncidentView.Of(item.Told),
        Hold = Holds.Of(database, item.Id) is { } hold ? new HoldView(hold.By, hold.Reason, hold.AtUnixMs) : null,
        Made = [.. exhibits.Of(item.Id).Select(EvidenceItems.Of).Select(items.WithFile).Select(made => new MadeView(
            made.Id, made.Kind, made.Made!.MadeBy, made.Made.MadeAtUnixMs, made.File.State, made.File.Reason, made.File.MediaType))],
    };

    public object CustodyOf(EvidenceItem item) => new { origins = custody.Origins(item), steps = custody.Steps(item.Id) };
}
