using EdgeAgent.Agent.Hosting;
using EdgeAgent.Hw.Machine;
using EdgeAgent.Hw.Modem;

namespace EdgeAgent.Agent.Box;

/// <summary>Looks at heat every ten seconds, at the modem every thirty, at the disk's own account every ten minutes; throttles vision by heat.</summary>
internal sealed partial class BoxStage
{
    private const int ModemEvery = 3, DiskEvery = 60;

    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(10);

    // The package's timer writes it every hour.
    private static readonly TimeSpan DiskOldest = TimeSpan.FromHours(3);

    private readonly BoxOptions options;
    private readonly BoxBook book;
    private readonly EyesFacts eyes;
    private readonly TimeProvider time;
    private readonly ILogger log;
    private readonly Thermometers thermometers;
    private readonly HeatRule rule;
    private readonly MmcliModem? modem;
    private int look;

    public BoxStage(BoxOptions options, BoxBook book, EyesFacts eyes, TimeProvider time, ILogger<BoxStage> log)
    {
        (this.options, this.book, this.eyes, this.time, this.log) = (options, book, eyes, time, log);
        thermometers = new Thermometers(options.SysRoot, options.Sensors);
        rule = new HeatRule(options.HotCelsius, options.CoolCelsius, time);
        modem = options.ModemProgram.Length > 0 ? new MmcliModem(options.ModemProgram, options.Modem, time) : null;
    }

    public async Task RunAsync(StagePulse pulse, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await LookAsync(stop);
            pulse.Ok();
            pulse.Beat();
            await Task.Delay(Pace, time, stop);
        }
    }

    /// <summary>One look, at what is due.</summary>
    public async Task LookAsync(CancellationToken stop)
    {
        LookAtHeat();
        if (modem is not null && look % ModemEvery == 0)
            book.Modem = await modem.ReadAsync(stop);
        if (options.SmartFile.Length > 0 && look % DiskEvery == 0)
            book.Disk = DiskReading.FromFile(options.SmartFile, DiskOldest, time) is { Fault: not "no_file" } read ? read : null;
        look++;
    }

    private void LookAtHeat()
    {
        Temperature? hottest = thermometers.HottestNow();
        if (hottest is not null && rule.Take(hottest.Celsius))
        {
            eyes.SetShare(rule.Share);
            LogShare(log, hottest.Celsius, hottest.Sensor, rule.Share);
        }
        book.Heat = new HeatNow(hottest, rule.Share);
    }

    [LoggerMessage(4321, LogLevel.Warning, "{Celsius:0} °C at {Sensor}: {Share:0.0} of the frames are analysed from now on")]
    private static partial void LogShare(ILogger log, double celsius, string sensor, float share);
}
