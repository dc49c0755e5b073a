namespace EdgeAgent.Tests.Support;

/// <summary>A test with NUT's own server and its simulated UPS; skipped by name where Debian's package is not installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class NutFactAttribute : FactAttribute
{
    public NutFactAttribute()
    {
        if (!File.Exists(NutTwin.Server) || !File.Exists(NutTwin.Driver))
            Skip = "Not here: NUT (apt-get install nut-server).";
    }
}
