using EdgeAgent.Chaos.Disk;

namespace EdgeAgent.Tests.DispatchClient;

/// <summary>A test on a small file system of its own; skipped by name where none can be mounted.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class DiskFactAttribute : FactAttribute
{
    private static readonly Lazy<string> Why = new(SmallDisk.WhyNot);

    public DiskFactAttribute()
    {
        if (Why.Value is { Length: > 0 } why)
            Skip = why;
    }
}
