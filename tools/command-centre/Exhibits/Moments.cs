using EdgeAgent.CommandCentre.LiveViews;
using EdgeAgent.CommandCentre.Sessions;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Exhibits;

/// <summary>What somebody says with a moment that is to be kept.</summary>
internal sealed record MomentWords(string Account, string Role, string Reason, string CallNumber);

/// <summary>Keeps a moment: a still of what is shown, here; or video around it, which the car cuts out of its ring.</summary>
internal sealed class Moments(ExhibitStore store, ExhibitTable exhibits, CommandTable commands, CommitQueue commits, Fleet fleet, TimeProvider time)
{
    private const int MostStillBytes = 16 << 20;

    // A car that is away has nothing of this moment in its ring when it comes back.
    private static readonly TimeSpan AskWithin = TimeSpan.FromSeconds(30), DecodeWithin = TimeSpan.FromSeconds(15);

    /// <summary>A still of the picture nearest to a time, as a sealed exhibit.</summary>
    /// <returns>Null: no picture has come.</returns>
    /// <exception cref="CentreException">The picture cannot be decoded.</exception>
    public async Task<Exhibit?> SnapshotAsync(LiveView lease, long atUnixMs, MomentWords said)
    {
        if (lease.FanOut.Still(atUnixMs) is not { } still)
            return null;
        var jpeg = await JpegAsync(still);
        var exhibit = New(ExhibitTable.Snapshot, Uuid7.ToGuid(Uuid7.New(time)), lease.Row.UnitId, lease.Row.CameraId, said, null) with
        {
            FromUnixMs = still.CapturedAtUnixMs,
            ToUnixMs = still.CapturedAtUnixMs,
        };
        return await store.KeepAsync(
            exhibit, jpeg, "image/jpeg", new AuditRow(said.Account, "snapshot_taken", $"{exhibit.Id} {lease.Row.UnitId}/{lease.Row.CameraId} {lease.Id}", said.Reason));
    }

    /// <summary>Asks the car for video of a watched camera, or about an event of its own; stored before the car hears of it.</summary>
    public async Task<Exhibit> AskClipAsync(string unitId, ClipRequest asked, MomentWords said)
    {
        var command = CommandTable.New(said.Account, said.Role, time, AskWithin);
        command.Clip = asked;
        command.Clip.Reason = said.Reason;
        Guid? source = asked.AboutEventId.IsEmpty ? null : Uuid7.ToGuid(asked.AboutEventId.Span);
        var exhibit = New(ExhibitTable.Clip, Uuid7.ToGuid(command.Id.Span), unitId, asked.CameraId, said, source) with { FromUnixMs = asked.FromUnixMs, ToUnixMs = asked.ToUnixMs };
        return await commits.CommitAsync(transaction =>
        {
            exhibits.Add(transaction, exhibit);
            commands.Add(transaction, unitId, command);
            AuditTable.Add(transaction, new AuditRow(said.Account, "clip_asked", $"{exhibit.Id} {unitId}/{asked.CameraId}", said.Reason), exhibit.MadeAtUnixMs);
            return exhibit;
        });
    }

    private Exhibit New(string kind, Guid id, string unitId, string cameraId, MomentWords said, Guid? source)
    {
        var position = fleet.Find(unitId)?.Position;
        var placed = position is not null && Fleet.HasFix(position);
        return new Exhibit(
            id, kind, unitId, cameraId, 0, 0, time.GetUtcNow().ToUnixTimeMilliseconds(), said.Account, source, null,
            new ExhibitWords(said.Reason, said.CallNumber, placed ? position!.LatitudeDegrees : null, placed ? position!.LongitudeDegrees : null));
    }

    private static async Task<byte[]> JpegAsync(LiveStill still)
    {
        using var limit = new CancellationTokenSource(DecodeWithin);
        try
        {
            // One picture a fragment: the wanted one is the last of what was given.
            var jpeg = await FfmpegProgram.RunAsync(
                still.Mp4,
                ["-i", "pipe:0", "-map", "0:v:0", "-vf", $"select=gte(n\\,{still.Before})", "-frames:v", "1", "-f", "image2pipe", "-c:v", "mjpeg", "-q:v", "3", "pipe:1"],
                MostStillBytes, limit.Token);
            return jpeg is [0xFF, 0xD8, ..] ? jpeg : throw new CentreException("The picture cannot be decoded.");
        }
        catch (OperationCanceledException e)
        {
            throw new CentreException("Decoding the picture took too long.", e);
        }
    }
}
