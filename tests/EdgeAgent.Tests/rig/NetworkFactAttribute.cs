using EdgeAgent.Rig.Network;

namespace EdgeAgent.Tests.Rig;

/// <summary>A test that makes networks of its own; skipped by name where this user or machine may not.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class NetworkFactAttribute : FactAttribute
{
    public NetworkFactAttribute()
    {
        if (NetworkNamespace.WhyNot() is { Length: > 0 } why)
            Skip = why;
    }
}
