using Dapper;
using Microsoft.Data.Sqlite;
using Patrol.Dispatch.V1;

namespace EdgeAgent.DispatchClient.Outbox;

/// <summary>
/// Life on a full disk. When a write finds no space, a piece of the reserve goes back to the file system, the least worth is
/// dropped, and the write is tried again, in turns, until it succeeds or neither is left. From then on trail, health of everyday
/// lanes and evidence are refused; decisions, calls, audit heads and everything of normal or urgent priority go on being taken.
/// Once the reserve could be taken back whole, everything is taken again.
/// </summary>
public sealed partial class OutboxStore
{
    private static readonly TimeSpan LookForSpaceEvery = TimeSpan.FromSeconds(5);
    private readonly DiskReserve reserve;
    private readonly ITimer lookForSpace;
    private DateTimeOffset? diskFullSince;
    private long notTaken;
    private long notTakenBefore;
    private bool disposed;

    /// <summary>Since when the disk has been full, or too full for the reserve to be whole; null while there is room.</summary>
    public DateTimeOffset? DiskFullSince
    {
        get
        {
            lock (gate)
                return diskFullSince;
        }
    }

    /// <summary>
    /// For a file beside the outbox on the same disk whose writer met a full disk and which must not fail: gives it a piece of the
    /// reserve, or else drops the least worth.
    /// </summary>
    /// <returns>False when nothing is left to make room with.</returns>
    public bool MakeRoom()
    {
        lock (gate)
        {
            MeetFull();
            return MakeRoom(giveFirst: true);
        }
    }

    /// <summary>Whether any of these is of the kind that a full disk does not stop.</summary>
    private static bool MustGoThrough(IReadOnlyList<EventDraft> drafts) => drafts.Any(draft =>
        draft.Priority is Priority.Urgent or Priority.Normal || draft.Lane is Lane.Decisions or Lane.Calls or Lane.Audit);

    /// <summary>Under the gate: a write that may be done again from its start, with room made for it as long as there is any.</summary>
    /// <exception cref="OutboxException">disk_full.</exception>
    private T Durably<T>(Func<T> write)
    {
        for (var giveFirst = reserve.IsWhole; ; giveFirst = !giveFirst)
        {
            try
            {
                return write();
            }
            catch (Exception e) when (DiskFull.Is(e))
            {
                MeetFull();
                if (!MakeRoom(giveFirst))
                    throw DiskFull.NoRoomLeft(options.Directory, e);
            }
        }
    }

    private void Durably(Action write) => Durably(() =>
    {
        write();
        return true;
    });

    private void RefuseWhileFull(IReadOnlyList<EventDraft> drafts)
    {
        if (diskFullSince is null || drafts.Count == 0 || MustGoThrough(drafts))
            return;
        notTaken += drafts.Count;
        counts = null;
        throw DiskFull.NotNow(options.Directory, reserve.NeededBytes);
    }

    private bool MakeRoom(bool giveFirst, bool mayGive = true)
    {
        var made = (giveFirst && reserve.GiveBack()) || DropForRoom() || (mayGive && reserve.GiveBack());
        if (made)
            ReuseLog();
        return made;
    }

    private bool DropForRoom()
    {
        try
        {
            return DropLeastWorth();
        }
        catch (SqliteException e) when (DiskFull.Is(e))
        {
            // To delete is to write as well: the reserve's next piece is for that.
            return false;
        }
    }

    // The log is written from its start again instead of growing. It is not cut short: its blocks are the one part of the disk
    // that nobody can take from us.
    private void ReuseLog()
    {
        try
        {
            connection.Execute("PRAGMA wal_checkpoint(RESTART)");
        }
        catch (SqliteException e) when (DiskFull.Is(e))
        {
            // The database could not grow; what fitted is in it, and the rest stays in the log.
        }
    }

    private void MeetFull()
    {
        if (diskFullSince is not null)
            return;
        diskFullSince = time.GetUtcNow();
        notTakenBefore = notTaken;
        counts = null;
        OutboxLog.DiskFull(logger, options.Directory, reserve.NeededBytes >> 20);
        lookForSpace.Change(LookForSpaceEvery, LookForSpaceEvery);
    }

    private void LookForSpace()
    {
        lock (gate)
        {
            if (disposed || diskFullSince is not { } since)
                return;
            _ = reserve.TakeBack();
            if (!reserve.IsAtEase())
                return;
            diskFullSince = null;
            counts = null;
            lookForSpace.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            OutboxLog.DiskHasRoom(logger, (time.GetUtcNow() - since).TotalSeconds, notTaken - notTakenBefore);
        }
    }
}
