using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.LiveViews;

/// <summary>Cameras of one car that one person asks to watch, for one reason.</summary>
internal sealed record LiveAsked(string Account, string Role, string UnitId, IReadOnlyList<string> CameraIds, string Reason, int Minutes, LiveQuality Quality)
{
    public LeaseRow Lease(string cameraId, long now, TimeProvider time) => new()
    {
        LeaseId = Uuid7.New(time),
        UnitId = UnitId,
        CameraId = cameraId,
        Account = Account,
        Reason = Reason,
        Quality = (int)Quality,
        StartedAt = now,
        EndsAt = now + (Minutes * 60_000L),
    };

    /// <summary>What the car is told of a lease, new or renewed.</summary>
    public static Command Command(string role, LeaseRow row, int minutes, TimeProvider time)
    {
        var command = CommandTable.New(row.Account, role, time, TimeSpan.FromMinutes(minutes));
        command.LiveLease = new LiveLease
        {
            LeaseId = ByteString.CopyFrom(row.LeaseId),
            CameraId = row.CameraId,
            Viewer = row.Account,
            Reason = row.Reason,
            EndsAtUnixMs = row.EndsAt,
            Quality = (LiveQuality)row.Quality,
        };
        return command;
    }

    /// <summary>As it stands in the audit.</summary>
    public static string Subject(LeaseRow row) => $"{row.UnitId}/{row.CameraId} {Uuid7.ToGuid(row.LeaseId)}";
}
