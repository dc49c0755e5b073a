using System.Diagnostics;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgeAgent.Contract;
using EdgeAgent.DispatchClient.Releases;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Chaos.Update;

/// <summary>How a version that is made for a run behaves.</summary>
internal enum Behaviour
{
    Works,

    /// <summary>Ends by itself each time.</summary>
    Ends,

    /// <summary>Runs, and is never well.</summary>
    Sick,
}

/// <summary>
/// One box: two slots, an installation, a release root, and bundles of a real program (a shell script that holds its own files
/// against their hashes before it says that it is alive).
/// </summary>
internal sealed class UpdateWorld : IDisposable
{
    private const int Parts = 40, PartBytes = 24 << 10;
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(3), Patience = TimeSpan.FromSeconds(60);
    private static readonly DateTimeOffset Begin = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly DirectoryInfo place = Directory.CreateTempSubdirectory("chaos-update-");
    private readonly X509Certificate2 root = ReleaseCertificates.CreateRoot("release root", Begin, Begin.AddYears(20));
    private readonly X509Certificate2 releaser;

    public UpdateWorld(int seed, TimeProvider time)
    {
        (Random, Time) = (new Random(seed), time);
        releaser = ReleaseCertificates.CreateReleaser(root, "releaser", Begin, Begin.AddYears(20));
        File.WriteAllText(RootsFile, root.ExportCertificatePem());
        Fill(At("factory"), "factory", Behaviour.Works);
        Slots = new AppSlots(At("app"), At("factory"), time);
    }

    public Random Random { get; }

    public TimeProvider Time { get; }

    public AppSlots Slots { get; }

    public string RootsFile => At("roots.pem");

    public string AliveFile => At("alive");

    public ReleaseTrust Trust => new([root], ReleaseTrust.Agent, ReleaseTrust.ThisArchitecture);

    public X509Certificate2 Root => root;

    public EnvelopeSigner Signer => SignerOf(releaser);

    public static EnvelopeSigner SignerOf(X509Certificate2 certificate) => new(SignerRole.Issuer, certificate.GetECDsaPrivateKey()!, [certificate.RawData]);

    public string At(string name) => Path.Combine(place.FullName, name);

    public static ReleaseManifest Head(ulong number) => new()
    {
        Product = ReleaseTrust.Agent,
        Architecture = ReleaseTrust.ThisArchitecture,
        Version = VersionOf(number),
        Number = number,
        IssuedAtUnixMs = Begin.AddDays(1).ToUnixTimeMilliseconds(),
        Program = ReleaseTrust.Agent,
        Sbom = "sbom.cdx.json",
    };

    public static string VersionOf(ulong number) => $"1.{number}.0";

    /// <summary>A good bundle of a version that behaves so.</summary>
    public string Pack(ulong number, Behaviour behaviour = Behaviour.Works)
    {
        string source = At("source"), bundle = At("bundle");
        if (Directory.Exists(source))
            Directory.Delete(source, recursive: true);
        Fill(source, VersionOf(number), behaviour);
        _ = BundleWriter.Write(source, Head(number), Signer, bundle, CompressionLevel.Fastest);
        return bundle;
    }

    /// <summary>edgectl with this box's folders.</summary>
    public Process Edgectl(string[] words, params string[] more)
    {
        var built = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd('/'));
        string program = Path.Combine(built.Parent!.Parent!.FullName, "Edgectl", built.Name, "edgectl");
        if (!File.Exists(program))
            throw new ScenarioException($"{program} is missing: run ./dev build first.");
        return Start(program, [.. words, "--base", Slots.Root, "--factory", Slots.FactoryFolder, .. more]);
    }

    public static Process Start(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true };
        return Process.Start(start)!;
    }

    /// <summary>The process itself has ended. (Waiting as the framework does would wait for what it started, too: they share its output.)</summary>
    public async Task EndedAsync(Process process, CancellationToken stop = default)
    {
        for (long start = Time.GetTimestamp(); !process.HasExited; await Task.Delay(Look, Time, stop))
        {
            if (Time.GetElapsedTime(start) > Patience)
                throw new ScenarioException($"Process {process.Id} does not end.");
        }
    }

    public void Dispose()
    {
        root.Dispose();
        releaser.Dispose();
        place.Delete(recursive: true);
    }

    private void Fill(string folder, string version, Behaviour behaviour)
    {
        _ = Directory.CreateDirectory(Path.Combine(folder, "parts"));
        var sums = new List<string>();
        byte[] bytes = new byte[PartBytes];
        for (int part = 0; part < Parts; part++)
        {
            Random.NextBytes(bytes);
            File.WriteAllBytes(Path.Combine(folder, "parts", $"{part:00}"), bytes);
            sums.Add($"{Convert.ToHexStringLower(SHA256.HashData(bytes))}  parts/{part:00}");
        }
        File.WriteAllLines(Path.Combine(folder, "sums"), sums);
        File.WriteAllText(Path.Combine(folder, "sbom.cdx.json"), "{}");
        string program = Path.Combine(folder, ReleaseTrust.Agent);
        File.WriteAllText(program, $$"""
            #!/bin/sh
            cd "${0%/*}" && sha256sum --check --quiet --strict sums >/dev/null 2>&1 || exit 9
            {{(behaviour == Behaviour.Ends ? "exit 3" : "")}}
            echo "$$ {{version}} {{behaviour}}" > "$1.new" && mv "$1.new" "$1"
            exec sleep 120

            """);
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
