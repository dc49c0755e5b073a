using System.Security.Cryptography;
using EdgeAgent.Agent.Live;
using EdgeAgent.Agent.Officers;
using EdgeAgent.Agent.Positions;
using EdgeAgent.Contract;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Hazards;

/// <summary>A picture that waits for the officer's next touch.</summary>
internal sealed record TakenPicture(Guid Id, Still Still, Position? Position, string SessionId, long AtTimestamp);

/// <summary>
/// Pictures between the touch that takes them and the one that says what they are for: in memory only, few, for two minutes at most, and of
/// this session. What is let go of is overwritten.
/// </summary>
internal sealed class TakenPictures
{
    private const int MostKept = 8;
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(2);

    private readonly Lock gate = new();
    private readonly List<TakenPicture> pictures = [];
    private readonly StillDesk stills;
    private readonly PositionBook positions;
    private readonly TimeProvider time;

    public TakenPictures(StillDesk stills, PositionBook positions, OfficerDesk officers, TimeProvider time)
    {
        (this.stills, this.positions, this.time) = (stills, positions, time);
        officers.Changed += () => LetGo(picture => !officers.IsOnDuty(picture.SessionId));
    }

    /// <returns>The picture, or why there is none: unknown_camera, camera_not_leased, privacy_place, no_picture.</returns>
    public async Task<(TakenPicture? Picture, string Code)> TakeAsync(string cameraId, DutySession officer, CancellationToken stop)
    {
        // Where the car was at the touch, not when the picture came.
        Position? position = positions.Current;
        if (stills.WhyNot(cameraId) is { Length: > 0 } why)
            return (null, why);
        if (await stills.TakeAsync(cameraId, stop) is not { } still)
            return (null, "no_picture");
        var taken = new TakenPicture(Uuid7.ToGuid(Uuid7.New(time)), still, position, officer.SessionId, time.GetTimestamp());
        lock (gate)
        {
            ForgetOld();
            if (pictures.Count >= MostKept)
                Drop(pictures[0]);
            pictures.Add(taken);
        }
        return (taken, "");
    }

    public TakenPicture? Find(Guid id, DutySession officer)
    {
        lock (gate)
        {
            ForgetOld();
            return pictures.Find(picture => picture.Id == id && picture.SessionId == officer.SessionId);
        }
    }

    /// <summary>A copy of the picture; the caller's.</summary>
    public byte[]? BytesOf(Guid id, DutySession officer)
    {
        lock (gate)
            return Find(id, officer)?.Still.Jpeg.ToArray();
    }

    /// <summary>It has become part of something, or nobody wants it.</summary>
    public void LetGo(Guid id) => LetGo(picture => picture.Id == id);

    private void LetGo(Predicate<TakenPicture> which)
    {
        lock (gate)
            pictures.FindAll(which).ForEach(Drop);
    }

    private void ForgetOld() => pictures.FindAll(picture => time.GetElapsedTime(picture.AtTimestamp) > Kept).ForEach(Drop);

    private void Drop(TakenPicture picture)
    {
        _ = pictures.Remove(picture);
        CryptographicOperations.ZeroMemory(picture.Still.Jpeg);
    }
}
