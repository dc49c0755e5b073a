namespace EdgeAgent.Tests.Support;

/// <summary>A test with a real software TPM; skipped by name where Debian's packages for it are not installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class TpmFactAttribute : FactAttribute
{
    private static readonly string[] Programs = ["swtpm", "tpm2-abrmd", "dbus-daemon", "tpm2_create"];

    public TpmFactAttribute()
    {
        string[] missing = [.. Programs.Where(p => !IsProgram(p))];
        if (missing.Length > 0)
            Skip = $"Not here: {string.Join(", ", missing)} (apt-get install swtpm tpm2-tools tpm2-abrmd libtss2-tcti-tabrmd0 dbus-daemon).";
        else if (!Directory.EnumerateDirectories("/usr/lib").Any(folder => File.Exists(Path.Combine(folder, "ossl-modules", "tpm2.so"))))
            Skip = "OpenSSL's provider tpm2 is not here (apt-get install tpm2-openssl).";
    }

    private static bool IsProgram(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, name)));
}
