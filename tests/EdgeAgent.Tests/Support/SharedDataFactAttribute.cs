namespace EdgeAgent.Tests.Support;

/// <summary>A test over the labelled pictures that lie beside the checkout; skipped by name where they do not.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SharedDataFactAttribute : FactAttribute
{
    public SharedDataFactAttribute()
    {
        if (!Directory.Exists(Root))
            Skip = "The shared pictures (../shared/data) are not here.";
    }

    public static string Root { get; } = Path.GetFullPath(Path.Combine(Repository.Root, "..", "shared", "data"));
}
