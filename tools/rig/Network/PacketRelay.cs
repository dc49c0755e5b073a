using System.Net;
using System.Runtime.InteropServices;

namespace EdgeAgent.Rig.Network;

/// <summary>
/// A link between two namespaces that behaves as told, packet by packet: a radio network without a radio. Each end is a TUN device;
/// one thread a direction carries packets from one to the other through a <see cref="LinkDirection"/>. Conditions change while it
/// runs; everything random follows from one seed.
/// </summary>
internal sealed partial class PacketRelay : IAsyncDisposable
{
    private const string Device = "link0";

    /// <summary>How late new conditions or the end are noticed while nothing moves.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(20);

    /// <summary>Packets taken in before those due are let out, so that a flood in one way does not delay what has arrived.</summary>
    private const int MostAtOnce = 32;

    private readonly NetworkNamespace car, centre;
    private readonly TunDevice carDevice, centreDevice;
    private readonly FlowTable flows = new();
    private readonly LinkDirection up, down;
    private readonly TimeProvider time;
    private readonly Thread upPump, downPump;
    private LinkConditions conditions;
    private volatile bool ending;

    private PacketRelay(NetworkNamespace car, NetworkNamespace centre, LinkConditions conditions, int seed, TimeProvider time)
    {
        this.car = car;
        this.centre = centre;
        this.conditions = conditions;
        this.time = time;
        carDevice = car.Within(() => new TunDevice(Device));
        centreDevice = centre.Within(() => new TunDevice(Device));
        up = new LinkDirection(up: true, flows, conditions.Up, seed);
        down = new LinkDirection(up: false, flows, conditions.Down, unchecked(seed + 1_000_003));
        upPump = new Thread(() => Pump(carDevice, up, centreDevice)) { IsBackground = true, Name = "link up" };
        downPump = new Thread(() => Pump(centreDevice, down, carDevice)) { IsBackground = true, Name = "link down" };
    }

    public static IPAddress CarAddress { get; } = new([10, 99, 0, 1]);

    public static IPAddress CentreAddress { get; } = new([10, 99, 0, 2]);

    public LinkConditions Conditions
    {
        get => Volatile.Read(ref conditions);
        set
        {
            Volatile.Write(ref conditions, value);
            up.Conditions = value.Up;
            down.Conditions = value.Down;
        }
    }

    public LinkCounters Up => up.Counters;

    public LinkCounters Down => down.Counters;

    /// <summary>Joins the two: the car gets <see cref="CarAddress"/>, the centre <see cref="CentreAddress"/>, each its way to the other.</summary>
    public static async Task<PacketRelay> StartAsync(
        NetworkNamespace car, NetworkNamespace centre, LinkConditions conditions, int seed, TimeProvider time, CancellationToken stop)
    {
        var relay = new PacketRelay(car, centre, conditions, seed, time);
        try
        {
            await AddressAsync(car, CarAddress, stop);
            await AddressAsync(centre, CentreAddress, stop);
            relay.upPump.Start();
            relay.downPump.Start();
            return relay;
        }
        catch
        {
            relay.carDevice.Dispose();
            relay.centreDevice.Dispose();
            throw;
        }
    }

    /// <summary>Black-holes every TCP connection that is there now, for ever and silently, as a NAT that forgot; new ones pass.</summary>
    /// <returns>How many.</returns>
    public int Forget() => flows.Forget();

    /// <summary>Takes the car's device down, so that programs see a network that is gone, or brings it back.</summary>
    public async Task SetDeviceAsync(bool isUp, CancellationToken stop)
    {
        await car.ConfigureAsync(stop, "link", "set", Device, isUp ? "up" : "down");
        // Going down took the route along.
        if (isUp)
            await car.ConfigureAsync(stop, "route", "replace", "default", "dev", Device);
    }

    public async ValueTask DisposeAsync()
    {
        ending = true;
        await Task.WhenAll(Task.Run(upPump.Join), Task.Run(downPump.Join));
        carDevice.Dispose();
        centreDevice.Dispose();
    }

    private static async Task AddressAsync(NetworkNamespace space, IPAddress address, CancellationToken stop)
    {
        // No IPv6 here, and none of its chatter.
        await space.ConfigureAsync(stop, "link", "set", Device, "addrgenmode", "none");
        await space.ConfigureAsync(stop, "addr", "add", address + "/30", "dev", Device);
        await space.ConfigureAsync(stop, "link", "set", Device, "up");
        await space.ConfigureAsync(stop, "route", "replace", "default", "dev", Device);
    }

    private void Pump(TunDevice from, LinkDirection way, TunDevice to)
    {
        // Ahead of what it carries traffic for: on a busy machine its delays are measured, not its neighbours'. Without the right it runs as all do.
        _ = SetNice(0, 0, -10);
        var buffer = new byte[LinkDirection.LargestPacket];
        bool there = true;
        while (!ending && there)
        {
            for (int i = 0; i < MostAtOnce && from.Receive(buffer) is > 0 and int bytes; i++)
                way.Offer(buffer.AsSpan(0, bytes), Now());
            long wait;
            while (way.Take(buffer, Now(), out wait) is > 0 and int bytes)
            {
                if (!to.Send(buffer.AsSpan(0, bytes)))
                    way.Undelivered(bytes);
            }
            there = from.WaitReadable(TimeSpan.FromTicks(Math.Clamp(wait, 0, LongestWait.Ticks)));
        }
    }

    private long Now() => time.GetElapsedTime(0).Ticks;

    // 0: a thread, the calling one.
    [LibraryImport("libc", EntryPoint = "setpriority", SetLastError = true)]
    private static partial int SetNice(int which, int who, int nice);
}
