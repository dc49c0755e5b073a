using Dapper;
using Microsoft.Data.Sqlite;
using Patrol.Dispatch.V1;

namespace EdgeAgent.DispatchClient.Outbox;

/// <summary>
/// Life on a full disk. When a write finds no space, the log is begun again; then a piece of the reserve goes back to the file
/// system, then the least worth is dropped, in turns, until the write succeeds or neither is left. From then on trail, health of everyday
/// lanes and evidence are refused; decisions, calls, audit heads and everything of normal or urgent priority go on being taken.
/// Once the reserve could be taken back whole, everything is taken again.
/// </summary>
public sealed partial class OutboxStore
{
    private static readonly TimeSpan LookForSpaceEvery = TimeSpan.FromSeconds(5);

    // Kept free in the database while the disk is full: some twenty decisions. Dropped for it at a time: at most so many batches.
    private const int FreePages = 64;
    private const int MostBatches = 8;

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
            return !disposed && MakeRoom(giveFirst: true);
        }
    }

    /// <summary>Whether any of these is of the kind that a full disk does not stop.</summary>
    private static bool MustGoThrough(IReadOnlyList<EventDraft> drafts) => drafts.Any(draft =>
        draft.Priority is Priority.Urgent or Priority.Normal || draft.Lane is Lane.Decisions or Lane.Calls or Lane.Audit);

    /// <summary>Under the gate: a write that may be done again from its start, with room made for it as long as there is any.</summary>
    /// <exception cref="OutboxException">disk_full.</exception>
    private T Durably<T>(Func<T> write)
    {
        var giveFirst = reserve.IsWhole;
        for (var tries = 0; ; tries++)
        {
            try
            {
                var result = write();
                if (diskFullSince is not null)
                    KeepRoom();
                return result;
            }
            catch (Exception e) when (DiskFull.Is(e))
            {
                MeetFull();
                // The log may only have to be begun again.
                if (tries == 0 && ReuseLog())
                    continue;
                if (!MakeRoom(giveFirst))
                    throw DiskFull.NoRoomLeft(options.Directory, e);
                giveFirst = !giveFirst;
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

    private bool MakeRoom(bool giveFirst)
    {
        var made = (giveFirst && reserve.GiveBack()) || DropForRoom() || reserve.GiveBack();
        if (made)
            _ = ReuseLog();
        return made;
    }

    /// <summary>
    /// After a write on a full disk: an empty log and some free pages for the next one. Later it could be too late: to delete is to
    /// write as well, and a log whose pages lie beyond what the database can grow to is begun again by nobody.
    /// </summary>
    private void KeepRoom()
    {
        try
        {
            if (!ReuseLog() && reserve.GiveBack())
                _ = ReuseLog();
            for (var batch = 0; batch < MostBatches && connection.ExecuteScalar<long>("PRAGMA freelist_count") < FreePages; batch++)
            {
                if (!DropForRoom())
                    break;
                _ = ReuseLog();
            }
        }
        catch (Exception e) when (e is SqliteException or IOException)
        {
            // What was written is on disk, and must not look as if it were not: the next write meets this fault itself.
        }
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
    // that nobody can take from us. False: the database cannot grow. A reader that is still in the log only puts it off.
    private bool ReuseLog()
    {
        try
        {
            connection.Execute("PRAGMA wal_checkpoint(RESTART)");
            return true;
        }
        catch (SqliteException e) when (DiskFull.Is(e))
        {
            // The database could not grow; what fitted is in it, and the rest stays in the log.
            return false;
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
