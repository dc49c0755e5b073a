namespace EdgeAgent.Tests.Support;

/// <summary>A test with a real software TPM; skipped by name where Debian's packages for it are not installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class TpmFactAttribute : FactAttribute
{
    private static readonly string[] Programs = ["swtpm", "tpm2-abrmd", "dbus-daemon", "tpm2_create"];

    public TpmFactAttribute()
    {
        string[] missing = [.. Programs.Where(p => !Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(folder => File.Exists(Path.Combine(folder, p))))];
        if (missing.Length > 0)
            Skip = $"{string.Join(", ", missing)} not here (apt-get install swtpm tpm2-tools tpm2-openssl tpm2-abrmd libtss2-tcti-tabrmd0 dbus-daemon).";
        else if (!Directory.EnumerateFiles("/usr/lib", "tpm2.so", SearchOption.AllDirectories).Any(f => f.Contains("/ossl-modules/", StringComparison.Ordinal)))
            Skip = "OpenSSL's provider tpm2 is not here (apt-get install tpm2-openssl).";
    }
}
