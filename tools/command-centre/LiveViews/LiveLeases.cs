using System.Collections.Concurrent;
using EdgeAgent.CommandCentre.Sessions;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.LiveViews;

/// <summary>All live views that run. Each is written to disk with who, why and until when before the car hears of it.</summary>
internal sealed class LiveLeases(
    CentreDatabase database, CommitQueue commits, CommandTable commands, SessionRegistry sessions, TimeProvider time, ILogger<LiveLeases> log)
    : BackgroundService
{
    public const int MostMinutes = 60;
    public const int DefaultMinutes = 15;

    /// <summary>A wall of three by three.</summary>
    public const int MostOfAnAccount = 9;
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(250), AnswerWithin = TimeSpan.FromSeconds(1.5);

    // Ends that cars told of, until the next tick; only of views that run.
    private readonly ConcurrentDictionary<Guid, string> overInCar = new();

    // Movements that wait for the car's answer; each for no longer than AnswerWithin.
    private readonly ConcurrentDictionary<ByteString, TaskCompletionSource<string>> steering = new();
    private readonly ConcurrentDictionary<Guid, LiveView> running = new();
    private readonly SharedUploads uploads = new();

    // Places taken by requests that are being stored; a lock too.
    private readonly Dictionary<string, int> reserved = new(StringComparer.Ordinal);
    private volatile bool changed;

    /// <summary>Who watches here, and what comes, for the gateways that hold the cars.</summary>
    public SharedUploads Uploads => uploads;

    /// <summary>Something that is shown of views or hands is another now; at most once a tick.</summary>
    public event Action? Changed;

    public PtzHands Hands { get; } = new(time);

    public IReadOnlyCollection<LiveView> Running => [.. running.Values.OrderBy(lease => lease.Row.StartedAt).ThenBy(lease => lease.Row.CameraId, StringComparer.Ordinal)];

    public int Count => running.Count;

    public LiveView? Find(Guid id) => running.GetValueOrDefault(id);

    public void NoteChange() => changed = true;

    /// <summary>Leases that another run of the server left: the car still shows them, so they go on.</summary>
    public void Restore()
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        foreach (var row in database.Read(c => LeaseTable.Running(c, now)))
            _ = Adopt(row);
    }

    public async Task<LiveView> BeginAsync(string account, string role, string unitId, string cameraId, string reason, int minutes, LiveQuality quality) =>
        (await BeginAllAsync(new LiveAsked(account, role, unitId, [cameraId], reason, minutes, quality)))?[0] ?? throw new InvalidOperationException($"{account} watches as many cameras as one may.");

    /// <summary>A lease, a command and an audit row for each camera, all of them or none.</summary>
    /// <returns>Null: this person would watch more than <see cref="MostOfAnAccount"/>.</returns>
    public async Task<IReadOnlyList<LiveView>?> BeginAllAsync(LiveAsked asked)
    {
        if (!TryReserve(asked.Account, asked.CameraIds.Count))
            return null;
        try
        {
            var now = time.GetUtcNow().ToUnixTimeMilliseconds();
            var begun = asked.CameraIds.Select(cameraId => asked.Lease(cameraId, now, time)).Select(row => (Row: row, Command: LiveAsked.Command(asked.Role, row, asked.Minutes, time))).ToList();
            _ = await commits.CommitAsync(transaction =>
            {
                foreach (var (row, command) in begun)
                {
                    LeaseTable.Add(transaction, row);
                    ChangeTable.Note(transaction, ChangeKind.Leases, Uuid7.ToGuid(row.LeaseId).ToString(), now);
                    commands.Add(transaction, row.UnitId, command);
                    AuditTable.Add(transaction, new AuditRow(asked.Account, "live_started", LiveAsked.Subject(row), asked.Reason), now);
                }
                return 0;
            });
            var leases = begun.ConvertAll(lease =>
            {
                var view = Adopt(lease.Row);
                view.CommandId = lease.Command.Id;
                return view;
            });
            changed = true;
            sessions.CommandsWait(asked.UnitId);
            return leases;
        }
        finally
        {
            Reserve(asked.Account, -asked.CameraIds.Count);
        }
    }

    /// <summary>The same view to a later end, for a reason given anew; stored before the car hears of it.</summary>
    /// <returns>False when it has ended.</returns>
    public async Task<bool> RenewAsync(LiveView lease, string role, string reason, int minutes)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var row = lease.Row with { Reason = reason, EndsAt = now + (minutes * 60_000L) };
        var command = LiveAsked.Command(role, row, minutes, time);
        var stored = await commits.CommitAsync(transaction =>
        {
            if (LeaseTable.Renew(transaction, row) == 0)
                return false;
            ChangeTable.Note(transaction, ChangeKind.Leases, lease.Id.ToString(), now);
            commands.Add(transaction, row.UnitId, command);
            AuditTable.Add(transaction, new AuditRow(row.Account, "live_renewed", LiveAsked.Subject(row), reason), now);
            return true;
        });
        // One that ended meanwhile tells the car so after this.
        if (!stored || !lease.TryRenew(row, command.Id))
            return false;
        changed = true;
        sessions.CommandsWait(row.UnitId);
        return true;
    }

    private bool TryReserve(string account, int count)
    {
        lock (reserved)
        {
            if (running.Values.Count(lease => lease.Row.Account == account) + reserved.GetValueOrDefault(account) + count > MostOfAnAccount)
                return false;
            Reserve(account, count);
            return true;
        }
    }

    private void Reserve(string account, int count)
    {
        lock (reserved)
        {
            reserved[account] = reserved.GetValueOrDefault(account) + count;
            if (reserved[account] == 0)
                _ = reserved.Remove(account);
        }
    }

    /// <summary>Ends it here at once and tells the car.</summary>
    public async Task EndAsync(LiveView lease, string actor, string reason)
    {
        if (!lease.TryEnd(reason))
            return;
        _ = running.TryRemove(lease.Id, out _);
        Hands.Release(lease.Id);
        changed = true;
        uploads.Unshare(lease.Row);
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var command = CommandTable.New(actor, "dispatcher", time, TimeSpan.FromMinutes(MostMinutes));
        command.EndLive = new EndLive { LeaseId = ByteString.CopyFrom(lease.Row.LeaseId), Reason = reason };
        _ = await commits.CommitAsync(transaction =>
        {
            // Another gateway may have ended it in the same moment: once is enough.
            if (LeaseTable.End(transaction, lease.Row.LeaseId, reason, now) == 0)
                return 0;
            ChangeTable.Note(transaction, ChangeKind.Leases, lease.Id.ToString(), now);
            commands.Add(transaction, lease.Row.UnitId, command);
            AuditTable.Add(transaction, new AuditRow(actor, "live_ended", LiveAsked.Subject(lease.Row), reason), now);
            return 0;
        });
        sessions.CommandsWait(lease.Row.UnitId);
    }

    /// <summary>Sends a movement and waits a moment for what the car says to it.</summary>
    /// <returns>"" when it took it or has not answered yet; unit_offline or the car's own code.</returns>
    public async Task<string> SteerAsync(LiveView lease, Command command)
    {
        var answer = steering[command.Id] = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            // Steering is for now or not at all: it is not kept for a car that is away.
            if (sessions.Find(lease.Row.UnitId)?.TrySend(command) != true && !await PassOnAsync(lease.Row.UnitId, command))
                return "unit_offline";
            return await answer.Task.WaitAsync(AnswerWithin, time);
        }
        catch (TimeoutException)
        {
            return "";
        }
        finally
        {
            _ = steering.TryRemove(command.Id, out _);
        }
    }

    /// <summary>To the gateway that holds the car: by the table of commands, where it ends by itself within seconds.</summary>
    private async Task<bool> PassOnAsync(string unitId, Command command)
    {
        if (!sessions.IsOnline(unitId))
            return false;
        return await commits.CommitAsync(transaction =>
        {
            commands.Add(transaction, unitId, command);
            return true;
        });
    }

    /// <summary>A view that another gateway began, renewed or ended.</summary>
    public Task ReadAgainAsync(Guid id)
    {
        if (database.Read(c => LeaseTable.Find(c, Uuid7.ToBytes(id))) is not var (row, ended))
            return Task.CompletedTask;
        changed = true;
        if (ended is not null)
        {
            if (running.TryRemove(id, out var over) && over.TryEnd(ended))
                uploads.Unshare(over.Row);
        }
        else if (row.EndsAt > time.GetUtcNow().ToUnixTimeMilliseconds() && Adopt(row) is { } lease && lease.Row.EndsAt != row.EndsAt)
            _ = lease.TryRenew(row, lease.CommandId);
        return Task.CompletedTask;
    }

    /// <summary>The running view of this lease; one that is known already goes on, for it may have screens.</summary>
    private LiveView Adopt(LeaseRow row)
    {
        lock (reserved)
        {
            var id = Uuid7.ToGuid(row.LeaseId);
            return running.TryGetValue(id, out var known) ? known : running[id] = new LiveView(row, uploads.Share(row), time);
        }
    }

    /// <summary>A car answered a command. A view that it refuses is over, and says why.</summary>
    public void Answered(string unitId, CommandAck ack)
    {
        var refusal = ack.Outcome == CommandOutcome.Refused ? Word(ack.Code) : "";
        if (steering.TryGetValue(ack.CommandId, out var waiting))
            _ = waiting.TrySetResult(refusal);
        else if (refusal.Length > 0 && running.Values.FirstOrDefault(lease => lease.Row.UnitId == unitId && lease.CommandId == ack.CommandId) is { } lease)
            overInCar[lease.Id] = refusal;
    }

    /// <summary>A car ended a view by itself.</summary>
    public void EventStored(StoredEvent stored)
    {
        if (stored.Event.LiveViewEnded is { LeaseId.Length: Uuid7.Length } ended
            && Find(Uuid7.ToGuid(ended.LeaseId.Span)) is { } lease && lease.Row.UnitId == stored.UnitId)
            overInCar[lease.Id] = Word(ended.Reason);
    }

    private static string Word(string code) =>
        code.Length is > 0 and <= 40 && code.All(c => char.IsAsciiLetterLower(c) || c is '_' or ' ') ? code : "ended_by_car";

    public async Task EndAllOfAsync(string unitId, string reason)
    {
        foreach (var lease in running.Values.Where(lease => lease.Row.UnitId == unitId))
            await EndAsync(lease, "centre", reason);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Tick, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                foreach (var lease in running.Values.Where(lease => lease.Left <= TimeSpan.Zero))
                    await EndAsync(lease, "centre", "time is up");
                foreach (var (id, reason) in overInCar)
                {
                    _ = overInCar.TryRemove(id, out _);
                    if (Find(id) is { } lease)
                        await EndAsync(lease, lease.Row.UnitId, reason);
                }
                if (Hands.DropResting() || changed)
                {
                    changed = false;
                    Changed?.Invoke();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The centre stops; leases that still run are on disk.
        }
        catch (Exception e) when (e is System.Data.Common.DbException or System.Threading.Channels.ChannelClosedException)
        {
            LiveLog.EndNotStored(log, e.GetType().Name);
        }
    }
}
