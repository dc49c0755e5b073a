using System.Data.Common;
using System.Threading.Channels;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Sessions;

/// <summary>
/// What a session does by itself, each second: sends commands that wait (again, until they are answered), tells how far the car
/// may forget, and asks for numbers that are missing.
/// </summary>
internal sealed class SessionUpkeep(UnitSession session, SessionServices services)
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan SendAgainAfter = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromSeconds(30);

    // Lanes are sent by priority, so numbers may come out of order for a while: a gap is asked for once it has stood and the
    // car has fallen quiet, or when it will not go away.
    private static readonly TimeSpan GapStands = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan GapStandsInTraffic = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan BacklogShouldHaveCome = TimeSpan.FromSeconds(5);

    private readonly Dictionary<Guid, long> sent = [];
    private readonly Dictionary<(int Lane, long From), long> asked = [];
    private readonly Channel<bool> wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private long lastBatch = services.Time.GetTimestamp();
    private volatile bool commandsWait = true;
    private volatile bool stored = true;
    private bool expected;
    private bool gaps;
    private long lastCommandLook;

    public void BatchCame() => Volatile.Write(ref lastBatch, services.Time.GetTimestamp());

    public void Stored() => stored = true;

    public void CommandsWait()
    {
        commandsWait = true;
        _ = wake.Writer.TryWrite(true);
    }

    public async Task RunAsync(CancellationToken ending)
    {
        try
        {
            await ExpectNumbersBelowAsync();
            while (!ending.IsCancellationRequested)
            {
                await SendCommandsAsync();
                await TellWatermarksAsync();
                await AskForMissingAsync();
                using var tick = CancellationTokenSource.CreateLinkedTokenSource(ending);
                _ = await Task.WhenAny(wake.Reader.ReadAsync(tick.Token).AsTask(), Task.Delay(Tick, services.Time, tick.Token));
                await tick.CancelAsync();
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ChannelClosedException)
        {
            // The session ends.
        }
        catch (DbException e)
        {
            SessionLog.StoreFailed(services.Log, session.UnitId, e.GetType().Name);
            session.Close("store", "The centre cannot read its database at present.");
        }
    }

    private async Task SendCommandsAsync()
    {
        if (!commandsWait && services.Time.GetElapsedTime(lastCommandLook) < SendAgainAfter)
            return;
        commandsWait = false;
        lastCommandLook = services.Time.GetTimestamp();
        var open = services.Commands.Open(session.UnitId, services.Time.GetUtcNow().ToUnixTimeMilliseconds());
        foreach (var command in open)
        {
            var id = Uuid7.ToGuid(command.Id.Span);
            if (sent.TryGetValue(id, out var last) && services.Time.GetElapsedTime(last) < SendAgainAfter)
                continue;
            await session.SendAsync(new CentreMessage { Command = command });
            sent[id] = services.Time.GetTimestamp();
        }
        var still = open.Select(command => Uuid7.ToGuid(command.Id.Span)).ToHashSet();
        foreach (var answered in sent.Keys.Where(id => !still.Contains(id)).ToList())
            _ = sent.Remove(answered);
    }

    private async Task TellWatermarksAsync()
    {
        if (!stored)
            return;
        stored = false;
        gaps = true;
        var marks = services.Watermarks(session.UnitId, session.Incarnation);
        if (marks.Count == 0)
            return;
        var message = new Watermarks();
        message.Lanes.AddRange(marks);
        await session.SendAsync(new CentreMessage { Watermarks = message });
    }

    private async Task AskForMissingAsync()
    {
        var quiet = services.Time.GetElapsedTime(Volatile.Read(ref lastBatch));
        if (!expected && quiet >= BacklogShouldHaveCome)
            await ExpectAllOfHelloAsync();
        if (!gaps)
            return;
        var missing = services.Database.Read(c => EventTable.Missing(c, session.UnitId, session.Incarnation));
        gaps = missing.Count > 0;
        var now = services.Time.GetUtcNow().ToUnixTimeMilliseconds();
        foreach (var (lane, from, to, noticedAt) in missing)
        {
            var stands = TimeSpan.FromMilliseconds(now - noticedAt);
            var due = (stands >= GapStands && quiet >= Quiet) || stands >= GapStandsInTraffic;
            if (!due || (asked.TryGetValue((lane, from), out var last) && services.Time.GetElapsedTime(last) < AskAgainAfter))
                continue;
            asked[(lane, from)] = services.Time.GetTimestamp();
            SessionLog.Resend(services.Log, session.UnitId, lane, from, to);
            var incarnation = ByteString.CopyFrom(session.Incarnation);
            var again = new Resend { Incarnation = incarnation, Lane = (Lane)lane, FromNumber = (ulong)from, ToNumber = (ulong)to };
            await session.SendAsync(new CentreMessage { Resend = again });
        }
        if (!gaps)
            asked.Clear();
    }

    /// <summary>Numbers that the car does not hold any more and that we never got: a centre restored from a backup.</summary>
    private Task ExpectNumbersBelowAsync() => ExpectAsync(lane => lane.FirstHeld > 0 ? lane.FirstHeld - 1 : 0);

    /// <summary>The car has sent its backlog, yet numbers that it has given out are not here.</summary>
    private Task ExpectAllOfHelloAsync()
    {
        expected = true;
        return ExpectAsync(lane => lane.NextNumber > 0 ? lane.NextNumber - 1 : 0);
    }

    private async Task ExpectAsync(Func<LaneState, ulong> last)
    {
        var now = services.Time.GetUtcNow().ToUnixTimeMilliseconds();
        var lanes = session.Hello.Lanes
            .Where(lane => lane.Lane != Lane.Unspecified && Enum.IsDefined(lane.Lane) && last(lane) is > 0 and <= long.MaxValue)
            .ToDictionary(lane => lane.Lane, lane => (long)last(lane));
        if (lanes.Count == 0)
            return;
        _ = await services.Commits.CommitOfUnitAsync(session.UnitId, transaction =>
        {
            foreach (var (lane, number) in lanes)
            {
                var ledger = LaneLedger.Load(transaction, session.UnitId, session.Incarnation, (int)lane);
                ledger.Expect(number);
                ledger.Save(now);
            }
            return lanes.Count;
        });
        gaps = true;
    }
}
