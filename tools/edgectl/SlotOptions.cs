using System.CommandLine;
using EdgeAgent.DispatchClient.Releases;

namespace EdgeAgent.Edgectl;

/// <summary>Where the two slots lie, and what the box was installed with.</summary>
internal sealed class SlotOptions
{
    public Option<string> Base { get; } = new("--base") { Description = "Folder of the slots and of what is decided about them.", DefaultValueFactory = _ => "/var/lib/edge-agent/app" };

    public Option<string> Factory { get; } = new("--factory") { Description = "What the box was installed with: started while no slot can be.", DefaultValueFactory = _ => "/usr/lib/edge-agent" };

    public AppSlots Open(ParseResult parsed) => new(parsed.GetValue(Base)!, parsed.GetValue(Factory)!, TimeProvider.System);

    public static Option<string> Roots() => new("--roots") { Description = "Release roots (PEM): whose releases this box takes.", DefaultValueFactory = _ => "/etc/edge-agent/release-roots.pem" };
}

/// <summary>Says on standard error how far a step is, once it has taken a second.</summary>
internal sealed class ProgressLines(TimeProvider time)
{
    private readonly long started = time.GetTimestamp();
    private long saidAt = time.GetTimestamp();

    public void Tell(ReleaseProgress progress)
    {
        if (time.GetElapsedTime(saidAt).TotalSeconds < 1)
            return;
        saidAt = time.GetTimestamp();
        Console.Error.WriteLine($"  {progress.Step}: {(progress.TotalBytes == 0 ? 100 : progress.DoneBytes * 100 / progress.TotalBytes)} % of {progress.TotalBytes >> 20} MiB, {time.GetElapsedTime(started).TotalSeconds:0} s");
    }
}
