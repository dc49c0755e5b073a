using System.Collections.Concurrent;
using EdgeAgent.CommandCentre.Sessions;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.LiveViews;

/// <summary>Cameras of one car that one person asks to watch, for one reason.</summary>
internal sealed record LiveAsked(string Account, string Role, string UnitId, IReadOnlyList<string> CameraIds, string Reason, int Minutes, LiveQuality Quality);

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
        {
            var lease = new LiveView(row, uploads.Share(row), time);
            running[lease.Id] = lease;
        }
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
            var begun = asked.CameraIds.Select(cameraId => NewLease(asked, cameraId, now)).Select(row => (Row: row, Command: LeaseCommand(asked.Role, row, asked.Minutes))).ToList();
            _ = await commits.CommitAsync(transaction =>
            {
                foreach (var (row, command) in begun)
                {
                    LeaseTable.Add(transaction, row);
                    commands.Add(transaction, row.UnitId, command);
                    AuditTable.Add(transaction, new AuditRow(asked.Account, "live_started", Subject(row), asked.Reason), now);
                }
                return 0;
            });
            var leases = begun.ConvertAll(lease => new LiveView(lease.Row, uploads.Share(lease.Row), time) { CommandId = lease.Command.Id });
            foreach (var lease in leases)
                running[lease.Id] = lease;
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
        var command = LeaseCommand(role, row, minutes);
        var stored = await commits.CommitAsync(transaction =>
        {
            if (LeaseTable.Renew(transaction, row) == 0)
                return false;
            commands.Add(transaction, row.UnitId, command);
            AuditTable.Add(transaction, new AuditRow(row.Account, "live_renewed", Subject(row), reason), now);
            return true;
        });
        // One that ended meanwhile tells the car so after this.
        if (!stored || !lease.TryRenew(row, command.Id))
            return false;
        changed = true;
        sessions.CommandsWait(row.UnitId);
        return true;
    }

    private LeaseRow NewLease(LiveAsked asked, string cameraId, long now) => new()
    {
        LeaseId = Uuid7.New(time),
        UnitId = asked.UnitId,
        CameraId = cameraId,
        Account = asked.Account,
        Reason = asked.Reason,
        Quality = (int)asked.Quality,
        StartedAt = now,
        EndsAt = now + (asked.Minutes * 60_000L),
    };

    private Command LeaseCommand(string role, LeaseRow row, int minutes)
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

    private static string Subject(LeaseRow row) => $"{row.UnitId}/{row.CameraId} {Uuid7.ToGuid(row.LeaseId)}";

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
            _ = LeaseTable.End(transaction, lease.Row.LeaseId, reason, now);
            commands.Add(transaction, lease.Row.UnitId, command);
            AuditTable.Add(transaction, new AuditRow(actor, "live_ended", Subject(lease.Row), reason), now);
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
            return sessions.Find(lease.Row.UnitId)?.TrySend(command) == true ? await answer.Task.WaitAsync(AnswerWithin, time) : "unit_offline";
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

/// <summary>6300-6309.</summary>
internal static partial class LiveLog
{
    [LoggerMessage(6300, LogLevel.Error, "The end of a live view could not be stored ({Error}); the view itself has ended")]
    public static partial void EndNotStored(ILogger log, string error);

    [LoggerMessage(6301, LogLevel.Information, "{Unit} publishes camera {Camera}")]
    public static partial void Published(ILogger log, string unit, string camera);

    [LoggerMessage(6302, LogLevel.Information, "{Unit} publishes camera {Camera} no longer")]
    public static partial void Unpublished(ILogger log, string unit, string camera);
}
