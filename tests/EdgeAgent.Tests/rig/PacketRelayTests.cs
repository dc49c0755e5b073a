using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using EdgeAgent.Rig.Network;

namespace EdgeAgent.Tests.Rig;

/// <summary>The emulated link between two real networks of this machine's kernel.</summary>
public sealed class PacketRelayTests : IAsyncLifetime, IDisposable
{
    private const int Port = 7000;

    private readonly CancellationTokenSource limit = new(TimeSpan.FromSeconds(60));
    private NetworkNamespace? car, centre;
    private PacketRelay? relay;

    private PacketRelay Link => relay!;

    public async Task InitializeAsync()
    {
        if (NetworkNamespace.WhyNot().Length > 0)
            return;
        car = await NetworkNamespace.CreateAsync("car", limit.Token);
        centre = await NetworkNamespace.CreateAsync("centre", limit.Token);
        relay = await PacketRelay.StartAsync(car, centre, LinkConditions.Lan, seed: 11, TimeProvider.System, limit.Token);
    }

    public async Task DisposeAsync()
    {
        if (relay is not null)
            await relay.DisposeAsync();
        foreach (NetworkNamespace space in new[] { car, centre }.OfType<NetworkNamespace>())
        {
            await space.DisposeAsync();
            Assert.False(File.Exists("/run/netns/" + space.Name));
        }
    }

    public void Dispose() => limit.Dispose();

    [NetworkFact]
    public async Task RoundTripTakesBothDelays()
    {
        Link.Conditions = LinkConditions.FiveG with
        {
            Up = LinkConditions.FiveG.Up with { Loss = 0 },
            Down = LinkConditions.FiveG.Down with { Loss = 0 },
        };
        double[] trips = await PingAsync(100, TimeSpan.FromMilliseconds(5));
        Assert.Equal(100, trips.Length);
        Assert.InRange(trips.Order().ElementAt(50), 40, 44);
        Assert.True(trips.Min() >= 40, $"{trips.Min()} ms");
    }

    [NetworkFact]
    public async Task LossIsCountedWhereItHappens()
    {
        Link.Conditions = LinkConditions.Lan with { Up = LinkConditions.Lan.Up with { Loss = 0.2 } };
        double[] trips = await PingAsync(1000, TimeSpan.FromMilliseconds(1));
        Assert.InRange(trips.Length, 750, 850);
        Assert.Equal(1000 - trips.Length, Link.Up.LostOnAir);
        Assert.Equal(0, Link.Down.LostOnAir);
    }

    [NetworkFact]
    public async Task TcpGetsTheRateAndNoMore()
    {
        Link.Conditions = LinkConditions.Lan with { Up = LinkConditions.Lan.Up with { BitsPerSecond = 8_000_000, QueueBytes = 64 * 1024 } };
        double megabits = await PushAsync(2_000_000);
        Assert.InRange(megabits, 6.5, 8);
    }

    [NetworkFact]
    public async Task FiftyMegabitsPassAndAnIdleLinkCostsNothing()
    {
        Link.Conditions = LinkConditions.Same(new DirectionConditions { Delay = TimeSpan.FromMilliseconds(5) });
        double megabits = await PushAsync(30_000_000);
        Assert.True(megabits > 50, $"{megabits:0.0} Mbit/s");
        TimeSpan before = Process.GetCurrentProcess().TotalProcessorTime;
        await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, limit.Token);
        Assert.InRange((Process.GetCurrentProcess().TotalProcessorTime - before).TotalSeconds, 0, 0.3);
    }

    [NetworkFact]
    public async Task ForgettingKillsTheConnectionSilentlyAndNotTheNext()
    {
        using TcpListener listener = ListenAtCentre();
        using Socket first = await DialAsync();
        using Socket firstEnd = await listener.AcceptSocketAsync(limit.Token);
        await SayAsync(first, firstEnd);

        Assert.Equal(1, Link.Forget());
        _ = await first.SendAsync("lost"u8.ToArray(), limit.Token);
        using Socket second = await DialAsync();
        using Socket secondEnd = await listener.AcceptSocketAsync(limit.Token);
        await SayAsync(second, secondEnd);

        Assert.Equal(0, firstEnd.Available);
        Assert.True(first.Connected);
        Assert.True(Link.Up.LostForgotten > 0);
    }

    [NetworkFact]
    public async Task BlackoutStopsAllAndItComesBack()
    {
        using TcpListener listener = ListenAtCentre();
        using Socket dialled = await DialAsync();
        using Socket end = await listener.AcceptSocketAsync(limit.Token);
        LinkConditions before = Link.Conditions;
        Link.Conditions = before.Dark;
        Assert.Empty(await PingAsync(20, TimeSpan.FromMilliseconds(5)));

        Link.Conditions = before;
        Assert.Equal(20, (await PingAsync(20, TimeSpan.FromMilliseconds(5))).Length);
        await SayAsync(dialled, end);
        Assert.True(Link.Up.LostInBlackout >= 20);
    }

    [NetworkFact]
    public async Task DeviceDownIsSeenAtOnceAndTheConnectionSurvives()
    {
        using TcpListener listener = ListenAtCentre();
        using Socket dialled = await DialAsync();
        using Socket end = await listener.AcceptSocketAsync(limit.Token);
        await Link.SetDeviceAsync(isUp: false, limit.Token);
        await Assert.ThrowsAsync<SocketException>(DialAsync);
        await Link.SetDeviceAsync(isUp: true, limit.Token);
        await SayAsync(dialled, end);
    }

    [NetworkFact]
    public async Task ProgramsRunInside()
    {
        (int code, string output, _) = await Programs.RunAsync("ip", [.. car!.CommandPrefix.Skip(1), "ip", "-o", "addr", "show", "scope", "global"]);
        Assert.Equal(0, code);
        Assert.Contains(PacketRelay.CarAddress.ToString(), output, StringComparison.Ordinal);
        Assert.Single(output.Trim().Split('\n'));
    }

    [NetworkFact]
    public async Task NamespaceOfAProcessThatIsGoneIsSweptAway()
    {
        // Above any process id that Linux gives.
        const string Stale = "edgeagent-4194999-1-car";
        Assert.Equal(0, (await Programs.RunAsync("ip", ["netns", "add", Stale])).ExitCode);
        await using NetworkNamespace another = await NetworkNamespace.CreateAsync("another", limit.Token);
        Assert.False(File.Exists("/run/netns/" + Stale));
        Assert.True(File.Exists("/run/netns/" + car!.Name));
    }

    // Sends at a steady pace, whatever comes back; returns the round trips in ms of those that did.
    private async Task<double[]> PingAsync(int count, TimeSpan every)
    {
        using Socket echo = centre!.Within(() => Bound(PacketRelay.CentreAddress, Port));
        using Socket sender = car!.Within(() => Bound(PacketRelay.CarAddress, Port + 1));
        using var over = CancellationTokenSource.CreateLinkedTokenSource(limit.Token);
        Task echoing = EchoAsync(echo, over.Token);
        var trips = new List<double>();
        Task collecting = CollectAsync(sender, trips, over.Token);
        var to = new IPEndPoint(PacketRelay.CentreAddress, Port);
        for (int i = 0; i < count; i++)
        {
            _ = await sender.SendToAsync(BitConverter.GetBytes(Stopwatch.GetTimestamp()), SocketFlags.None, to, limit.Token);
            await Task.Delay(every, TimeProvider.System, limit.Token);
        }
        await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System, limit.Token);
        await over.CancelAsync();
        await Task.WhenAll(echoing, collecting);
        return [.. trips];
    }

    private static Socket Bound(IPAddress address, int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(address, port));
        return socket;
    }

    private static async Task EchoAsync(Socket echo, CancellationToken over)
    {
        var buffer = new byte[64];
        await UntilCancelledAsync(async () =>
        {
            SocketReceiveFromResult got = await echo.ReceiveFromAsync(buffer, SocketFlags.None, new IPEndPoint(IPAddress.Any, 0), over);
            _ = await echo.SendToAsync(buffer.AsMemory(0, got.ReceivedBytes), SocketFlags.None, got.RemoteEndPoint, over);
        }, over);
    }

    private static async Task CollectAsync(Socket sender, List<double> trips, CancellationToken over)
    {
        var buffer = new byte[64];
        await UntilCancelledAsync(async () =>
        {
            _ = await sender.ReceiveAsync(buffer, SocketFlags.None, over);
            trips.Add(Stopwatch.GetElapsedTime(BitConverter.ToInt64(buffer)).TotalMilliseconds);
        }, over);
    }

    private static async Task UntilCancelledAsync(Func<Task> step, CancellationToken over)
    {
        try
        {
            while (true)
                await step();
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
        }
    }

    private TcpListener ListenAtCentre() => centre!.Within(() =>
    {
        var listener = new TcpListener(PacketRelay.CentreAddress, Port);
        listener.Start();
        return listener;
    });

    private async Task<Socket> DialAsync()
    {
        Socket socket = car!.Within(() => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true });
        await socket.ConnectAsync(new IPEndPoint(PacketRelay.CentreAddress, Port), limit.Token);
        return socket;
    }

    private async Task SayAsync(Socket from, Socket to)
    {
        var buffer = new byte[16];
        _ = await from.SendAsync("hello"u8.ToArray(), limit.Token);
        Assert.Equal(5, await to.ReceiveAsync(buffer, SocketFlags.None, limit.Token));
    }

    // Mbit/s of payload as the receiver sees them.
    private async Task<double> PushAsync(int bytes)
    {
        using TcpListener listener = ListenAtCentre();
        using Socket from = await DialAsync();
        using Socket to = await listener.AcceptSocketAsync(limit.Token);
        long start = Stopwatch.GetTimestamp();
        Task sending = SendAllAsync(from, bytes);
        var buffer = new byte[64 * 1024];
        for (int left = bytes; left > 0;)
            left -= await to.ReceiveAsync(buffer, SocketFlags.None, limit.Token);
        await sending;
        return bytes * 8 / Stopwatch.GetElapsedTime(start).TotalSeconds / 1e6;
    }

    private async Task SendAllAsync(Socket to, int bytes)
    {
        var chunk = new byte[64 * 1024];
        for (int left = bytes; left > 0;)
            left -= await to.SendAsync(chunk.AsMemory(0, Math.Min(left, chunk.Length)), limit.Token);
    }
}
