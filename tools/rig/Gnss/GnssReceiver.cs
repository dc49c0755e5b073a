namespace EdgeAgent.Rig.Gnss;

internal enum GnssFault
{
    None,

    /// <summary>Sentences without a position: a tunnel.</summary>
    NoFix,

    /// <summary>Four satellites: something stands over the antenna.</summary>
    Few,

    /// <summary>Every position 900 m beside the true one: reflections, or somebody who spoofs.</summary>
    Jump,

    /// <summary>Nothing is sent: the cable is out.</summary>
    Silent,
}

/// <summary>A receiver on a serial line, its gpsd, and a drive that goes on: one fix a second with the current time.</summary>
internal sealed class GnssReceiver : IAsyncDisposable
{
    private const double JumpEastMetres = 700;
    private const double JumpNorthMetres = 560;

    private readonly Drive drive = new();
    private readonly PseudoTerminal line;
    private readonly GpsdProcess gpsd;
    private readonly TimeProvider time;
    private readonly CancellationTokenSource stopping = new();
    private readonly Lock gate = new();
    private volatile GnssFault fault;
    private volatile bool standing;
    private DrivePoint truth;

    private GnssReceiver(PseudoTerminal line, GpsdProcess gpsd, TimeProvider time)
    {
        this.line = line;
        this.gpsd = gpsd;
        this.time = time;
        truth = drive.At(0);
        Sending = SendAsync();
    }

    /// <summary>Ends only with this object; earlier with what went wrong.</summary>
    public Task Sending { get; }

    public int Port => gpsd.Port;

    public int GpsdProcessId => gpsd.ProcessId;

    public GnssFault Fault => fault;

    /// <summary>Where the car truly is, whatever the fault.</summary>
    public DrivePoint Truth
    {
        get
        {
            lock (gate)
                return truth;
        }
    }

    public static async Task<GnssReceiver> StartAsync(TimeProvider time, CancellationToken stop)
    {
        var line = new PseudoTerminal();
        try
        {
            return new GnssReceiver(line, await GpsdProcess.StartAsync(line.DevicePath, time, stop), time);
        }
        catch
        {
            line.Dispose();
            throw;
        }
    }

    public void SetFault(GnssFault value) => fault = value;

    /// <summary>The car stops where it is, or drives on from there.</summary>
    public void SetStanding(bool value) => standing = value;

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await gpsd.DisposeAsync();
        await Sending;
        line.Dispose();
        stopping.Dispose();
    }

    private async Task SendAsync()
    {
        long firstSecond = time.GetUtcNow().ToUnixTimeSeconds();
        long stoodSeconds = 0;
        try
        {
            while (true)
            {
                // Receivers speak on the full second.
                DateTimeOffset now = time.GetUtcNow();
                var next = DateTimeOffset.FromUnixTimeSeconds(now.ToUnixTimeSeconds() + 1);
                await Task.Delay(next - now, time, stopping.Token);

                bool stands = standing;
                stoodSeconds += stands ? 1 : 0;
                DrivePoint at = drive.At(Math.Max(0, next.ToUnixTimeSeconds() - firstSecond - stoodSeconds));
                at = stands ? at with { SpeedMps = 0 } : at;
                lock (gate)
                    truth = at;
                GnssFault present = fault;
                if (present == GnssFault.Silent)
                    continue;
                DrivePoint? shown = present switch
                {
                    GnssFault.NoFix => null,
                    GnssFault.Jump => at.Moved(JumpEastMetres, JumpNorthMetres),
                    _ => at,
                };
                _ = line.TryWrite(Nmea.Cycle(shown, next, present == GnssFault.Few));
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }
}
