namespace EdgeAgent.Tests.Support;

/// <summary>A test that needs a picture of a person: the public ones that the rig takes out of Debian packages. Skipped by name where they are not here.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class FreePictureFactAttribute : FactAttribute
{
    public FreePictureFactAttribute()
    {
        if (!File.Exists(FreePicture.Hopper))
            Skip = $"{FreePicture.Hopper} is not here: ./dev test fetches it (Debian package python-matplotlib-data).";
    }
}

internal static class FreePicture
{
    /// <summary>The US Navy's portrait of Grace Hopper; in the public domain.</summary>
    public static string Hopper { get; } = Path.Combine(Repository.Root, ".cache", "rig", "pictures", "hopper.jpg");
}
