using System.Collections.Concurrent;
using EdgeAgent.DispatchClient.Identity;
using EdgeAgent.DispatchClient.Outbox;
using EdgeAgent.DispatchClient.Uplink;
using Microsoft.Extensions.Logging.Abstractions;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.DispatchClient;

/// <summary>One car: an identity, an outbox and a link, in a directory of its own.</summary>
internal sealed class TestCar : IAsyncDisposable
{
    public const string UnitId = "unit-1";
    private readonly TemporaryDirectory directory = new();
    private readonly CancellationTokenSource stop = new();
    private Task running = Task.CompletedTask;

    public TestCar(TestPki pki, Uri centre, Func<LinkOptions, LinkOptions>? change = null, TestPki? certifiedBy = null)
    {
        Identity = UnitIdentity.Load(pki.WriteIdentity(directory.At("identity"), UnitId, centre, certifiedBy?.DeviceRoot));
        Outbox = TestOutbox.Open(directory.At("data"));
        var options = new LinkOptions
        {
            Centre = centre,
            Clock = () => new TrustedNow(DateTimeOffset.FromUnixTimeMilliseconds(TestLists.Now), false),
            FirstRetry = TimeSpan.FromMilliseconds(20),
            LongestRetry = TimeSpan.FromMilliseconds(100),
            RefusedRetry = TimeSpan.FromMilliseconds(100),
        };
        Link = new CentreLink(
            change?.Invoke(options) ?? options,
            Identity,
            Outbox,
            (command, _) =>
            {
                Commands.Enqueue(command);
                return OnCommand(command);
            },
            () => new Hello { SoftwareVersion = "test" },
            TimeProvider.System,
            NullLoggerFactory.Instance);
        Link.TimeVerified += Times.Enqueue;
        Link.FleetReceived += Fleets.Enqueue;
    }

    public UnitIdentity Identity { get; }

    public OutboxStore Outbox { get; }

    public CentreLink Link { get; }

    public Func<Command, ValueTask<CommandAck>> OnCommand { get; set; } = _ => new(new CommandAck { Outcome = CommandOutcome.Stored });

    public ConcurrentQueue<Command> Commands { get; } = new();

    public ConcurrentQueue<VerifiedTime> Times { get; } = new();

    public ConcurrentQueue<FleetPositions> Fleets { get; } = new();

    public TestCar Start()
    {
        running = Link.RunAsync(stop.Token);
        return this;
    }

    public async Task StopAsync()
    {
        await stop.CancelAsync();
        await running;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await Link.DisposeAsync();
        await Outbox.DisposeAsync();
        Identity.Dispose();
        stop.Dispose();
        directory.Dispose();
    }
}

internal static class Eventually
{
    /// <summary>Waits until something holds; fails, saying what, when it has not after a while.</summary>
    public static async Task HoldsAsync(Func<bool> condition, string what, int seconds = 15)
    {
        var until = TimeProvider.System.GetTimestamp() + (seconds * TimeProvider.System.TimestampFrequency);
        while (!condition())
        {
            Assert.True(TimeProvider.System.GetTimestamp() < until, $"within {seconds} s: {what}");
            await Task.Delay(10);
        }
    }
}
