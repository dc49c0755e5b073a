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
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(250), AnswerWithin = TimeSpan.FromSeconds(1.5);

    // Ends that cars told of, until the next tick; only of views that run.
    private readonly ConcurrentDictionary<Guid, string> overInCar = new();

    // Movements that wait for the car's answer; each for no longer than AnswerWithin.
    private readonly ConcurrentDictionary<ByteString, TaskCompletionSource<string>> steering = new();
    private readonly ConcurrentDictionary<Guid, LiveView> running = new();
    private readonly Dictionary<(string UnitId, string CameraId, int Quality), (LiveFanOut FanOut, int Leases)> shared = [];

    public int Count => running.Count;

    /// <summary>Somebody here watches this camera at this quality, or nobody any more.</summary>
    public event Action<string, bool>? AudienceChanged;

    /// <summary>The car sent a piece of this view to this gateway.</summary>
    public event Action<string, LiveFormat, ReadOnlyMemory<byte>, VideoFragment>? FragmentCame;

    public LiveFanOut? FanOutOf(string view)
    {
        lock (shared)
            return shared.FirstOrDefault(one => NameOf(one.Key) == view).Value.FanOut;
    }

    public LiveView? Find(Guid id) => running.GetValueOrDefault(id);

    /// <summary>Leases that another run of the server left: the car still shows them, so they go on.</summary>
    public void Restore()
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        foreach (var row in database.Read(c => LeaseTable.Running(c, now)))
        {
            var lease = new LiveView(row, Share(row), time);
            running[lease.Id] = lease;
        }
    }

    public async Task<LiveView> BeginAsync(string account, string role, string unitId, string cameraId, string reason, int minutes, LiveQuality quality)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var row = new LeaseRow
        {
            LeaseId = Uuid7.New(time),
            UnitId = unitId,
            CameraId = cameraId,
            Account = account,
            Reason = reason,
            Quality = (int)quality,
            StartedAt = now,
            EndsAt = now + (minutes * 60_000L),
        };
        var command = CommandTable.New(account, role, time, TimeSpan.FromMinutes(minutes));
        command.LiveLease = new LiveLease
        {
            LeaseId = ByteString.CopyFrom(row.LeaseId),
            CameraId = cameraId,
            Viewer = account,
            Reason = reason,
            EndsAtUnixMs = row.EndsAt,
            Quality = quality,
        };
        _ = await commits.CommitAsync(transaction =>
        {
            LeaseTable.Add(transaction, row);
            ChangeTable.Note(transaction, ChangeKind.Leases, Uuid7.ToGuid(row.LeaseId).ToString(), now);
            commands.Add(transaction, unitId, command);
            AuditTable.Add(transaction, new AuditRow(account, "live_started", $"{unitId}/{cameraId} {Uuid7.ToGuid(row.LeaseId)}", reason), now);
            return 0;
        });
        LiveView lease;
        lock (shared)
        {
            // The watcher may have read of it already: then that one goes on, for it may have screens.
            lease = running.GetValueOrDefault(Uuid7.ToGuid(row.LeaseId)) ?? new LiveView(row, Share(row), time);
            lease.CommandId = command.Id;
            running[lease.Id] = lease;
        }
        sessions.CommandsWait(unitId);
        return lease;
    }

    /// <summary>Ends it here at once and tells the car.</summary>
    public async Task EndAsync(LiveView lease, string actor, string reason)
    {
        if (!lease.TryEnd(reason))
            return;
        _ = running.TryRemove(lease.Id, out _);
        Unshare(lease.Row);
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
            AuditTable.Add(transaction, new AuditRow(actor, "live_ended", $"{lease.Row.UnitId}/{lease.Row.CameraId} {lease.Id}", reason), now);
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

    /// <summary>A view that another gateway began or ended.</summary>
    public Task ReadAgainAsync(Guid id)
    {
        if (database.Read(c => LeaseTable.Find(c, Uuid7.ToBytes(id))) is not var (row, ended))
            return Task.CompletedTask;
        if (ended is null && row.EndsAt > time.GetUtcNow().ToUnixTimeMilliseconds())
            Adopt(row);
        else if (ended is not null && running.TryRemove(id, out var lease) && lease.TryEnd(ended))
            Unshare(lease.Row);
        return Task.CompletedTask;
    }

    private void Adopt(LeaseRow row)
    {
        lock (shared)
        {
            if (running.ContainsKey(Uuid7.ToGuid(row.LeaseId)))
                return;
            var lease = new LiveView(row, Share(row), time);
            running[lease.Id] = lease;
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

    private static string NameOf((string UnitId, string CameraId, int Quality) key) => $"{key.UnitId}/{key.CameraId}/{key.Quality}";

    private static (string UnitId, string CameraId, int Quality) KeyOf(LeaseRow row) => (row.UnitId, row.CameraId, row.Quality);

    // Whoever watches the same camera at the same quality watches one upload.
    private LiveFanOut Share(LeaseRow row)
    {
        lock (shared)
        {
            var (fanOut, leases) = shared.GetValueOrDefault(KeyOf(row));
            var view = NameOf(KeyOf(row));
            fanOut ??= new LiveFanOut
            {
                Audience = any => AudienceChanged?.Invoke(view, any),
                Came = (format, init, fragment) => FragmentCame?.Invoke(view, format, init, fragment),
            };
            shared[KeyOf(row)] = (fanOut, leases + 1);
            return fanOut;
        }
    }

    private void Unshare(LeaseRow row)
    {
        lock (shared)
        {
            var (fanOut, leases) = shared[KeyOf(row)];
            if (leases > 1)
                shared[KeyOf(row)] = (fanOut, leases - 1);
            else if (shared.Remove(KeyOf(row)))
                fanOut.Close();
        }
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
