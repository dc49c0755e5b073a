using System.CommandLine;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgeAgent.Contract;
using EdgeAgent.DispatchClient.Releases;
using Patrol.Dispatch.V1;
using Command = System.CommandLine.Command;

namespace EdgeAgent.Edgectl;

/// <summary>For those who make releases, not for the car.</summary>
internal static class ReleaseCommand
{
    private const string SbomFile = "sbom.cdx.json";
    private const int RootYears = 20, ReleaserYears = 2;

    public static Command Create() => new("release", "Makes and shows release bundles.") { Keys(), Pack(), Show() };

    private static Command Keys()
    {
        var folder = new Option<string>("--out") { Description = "A new folder for the keys.", Required = true };
        var name = new Option<string>("--name") { Description = "Who releases, for the certificates.", DefaultValueFactory = _ => "EdgeAgent" };
        var json = Cli.AsJson();
        var command = new Command(
            "keys",
            """
            Makes a release root and a releaser's key: release-root.key (keep it off every machine), release-roots.pem (every box
            has it as /etc/edge-agent/release-roots.pem), releaser.pem and releaser.key (whoever packs).

            Example: edgectl release keys --out keys
            Exit codes: 0 made, 1 not made, 2 wrong command line.
            """)
        { folder, name, json };
        command.Does(json, (parsed, _) =>
        {
            var at = parsed.GetValue(folder)!;
            if (Directory.Exists(at) && Directory.EnumerateFileSystemEntries(at).Any())
                throw new IOException($"{at} is not empty: keys are never written over.");
            Directory.CreateDirectory(at, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            var now = TimeProvider.System.GetUtcNow();
            using var root = ReleaseCertificates.CreateRoot($"{parsed.GetValue(name)} release root", now, now.AddYears(RootYears));
            using var releaser = ReleaseCertificates.CreateReleaser(root, $"{parsed.GetValue(name)} releaser", now, now.AddYears(ReleaserYears));
            File.WriteAllText(Path.Combine(at, "release-roots.pem"), root.ExportCertificatePem() + "\n");
            File.WriteAllText(Path.Combine(at, "releaser.pem"), releaser.ExportCertificatePem() + "\n");
            WriteKey(Path.Combine(at, "release-root.key"), root);
            WriteKey(Path.Combine(at, "releaser.key"), releaser);
            if (parsed.GetValue(json))
                Cli.Print(new { folder = Path.GetFullPath(at), releaserEndsUnixMs = new DateTimeOffset(releaser.NotAfter.ToUniversalTime()).ToUnixTimeMilliseconds() });
            else
                Console.Out.WriteLine($"A release root and a releaser's key lie in {at}. Take release-root.key away from here.");
            return Task.FromResult(Cli.Done);
        });
        return command;
    }

    private static Command Pack()
    {
        var folder = new Option<string>("--folder") { Description = "What becomes the release: program, page, models, runtime.", Required = true };
        var version = new Option<string?>("--release-version") { Description = "Such as 1.4.0. Default: what the agent in the folder calls itself." };
        var number = new Option<ulong>("--number") { Description = "Higher than that of every release before; such as the commit's time in seconds.", Required = true };
        var architecture = new Option<string>("--architecture") { Description = "amd64 or arm64.", DefaultValueFactory = _ => ReleaseTrust.ThisArchitecture };
        var keys = new Option<string>("--keys") { Description = "Folder with releaser.pem and releaser.key.", Required = true };
        var page = new Option<string?>("--page") { Description = "Sources of the page, for the list of parts; with --npm-lock." };
        var packageLock = new Option<string?>("--npm-lock") { Description = "package-lock.json of what the page was built from." };
        var to = new Option<string>("--out") { Description = "The bundle.", Required = true };
        var json = Cli.AsJson();
        var command = new Command(
            "pack",
            $$"""
            Packs a folder as one signed bundle, every file listed with its size and hash, with a list of parts in it ({{SbomFile}},
            CycloneDX 1.6: NuGet packages and stand-ins, .NET runtime, npm packages, models), which is written into that folder.

            Example: edgectl release pack --folder out/edge-agent --number 1769700000 --keys keys --out agent.bundle
            JSON: {"bundle","bytes","sha256","version","number","files","parts"}.
            Exit codes: 0 packed, 1 not packed (code bad_manifest), 2 wrong command line.
            """)
        { folder, version, number, architecture, keys, page, packageLock, to, json };
        command.Validators.Add(given =>
        {
            if ((given.GetResult(page) is null) != (given.GetResult(packageLock) is null))
                given.AddError("Give --page and --npm-lock together.");
        });
        command.Does(json, (parsed, _) =>
        {
            var (from, out_) = (parsed.GetValue(folder)!, parsed.GetValue(to)!);
            var head = new ReleaseManifest
            {
                Product = ReleaseTrust.Agent,
                Architecture = parsed.GetValue(architecture),
                Version = VersionOf(from, parsed.GetValue(version)),
                Number = parsed.GetValue(number),
                IssuedAtUnixMs = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds(),
                Program = ReleaseTrust.Agent,
                Sbom = SbomFile,
            };
            var parts = PartsList.Write(from, Path.Combine(from, SbomFile), head, parsed.GetValue(page) is { } sources ? new PageSources(sources, parsed.GetValue(packageLock)!) : null);
            using var releaser = X509Certificate2.CreateFromPemFile(Path.Combine(parsed.GetValue(keys)!, "releaser.pem"), Path.Combine(parsed.GetValue(keys)!, "releaser.key"));
            using var key = releaser.GetECDsaPrivateKey() ?? throw new ReleaseException(ReleaseCodes.NotForReleases, "The releaser's key is none on P-256.");
            var manifest = BundleWriter.Write(from, head, new EnvelopeSigner(SignerRole.Issuer, key, [releaser.RawData]), out_);
            using var bundle = File.OpenRead(out_);
            var sha256 = Convert.ToHexStringLower(SHA256.HashData(bundle));
            if (parsed.GetValue(json))
                Cli.Print(new { bundle = Path.GetFullPath(out_), bytes = bundle.Length, sha256, manifest.Version, manifest.Number, files = manifest.Files.Count, parts });
            else
                Console.Out.WriteLine($"{out_}: version {manifest.Version}, {manifest.Files.Count} files made from {parts} parts, {bundle.Length} bytes, SHA-256 {sha256}.");
            return Task.FromResult(Cli.Done);
        });
        return command;
    }

    // The centre holds what it offered against what the car says that it runs: both must be one name.
    private static string VersionOf(string folder, string? given)
    {
        var program = Path.Combine(folder, ReleaseTrust.Agent + ".dll");
        var own = File.Exists(program) ? FileVersionInfo.GetVersionInfo(program).ProductVersion : null;
        return given is null ? own ?? throw new IOException($"There is no {program} that says its version: give --release-version.")
            : own is null || own == given ? given
            : throw new IOException($"The agent in {folder} calls itself {own}, not {given}: leave --release-version out.");
    }

    private static Command Show()
    {
        var bundle = new Option<string>("--bundle") { Description = "A release bundle.", Required = true };
        var architecture = new Option<string>("--architecture") { Description = "For which machines it is to be.", DefaultValueFactory = _ => ReleaseTrust.ThisArchitecture };
        var roots = SlotOptions.Roots();
        var json = Cli.AsJson();
        var command = new Command(
            "show",
            """
            Holds a bundle against its signature and its hashes, and lists what is in it.

            Example: edgectl release show --bundle edge-agent_1.4.0_amd64.bundle --roots keys/release-roots.pem
            JSON: {"version","number","architecture","issuedAtUnixMs","program","sbom","files":[{"path","executable","sizeBytes","sha256"}]}.
            Exit codes: 0 in order, 1 refused (codes as of 'update'), 2 wrong command line.
            """)
        { bundle, architecture, roots, json };
        command.Does(json, (parsed, _) =>
        {
            var trust = ReleaseTrust.OfAgent(parsed.GetValue(roots)!) with { Architecture = parsed.GetValue(architecture)! };
            using var opened = Bundle.Open(parsed.GetValue(bundle)!, trust);
            opened.VerifyPayload(new ProgressLines(TimeProvider.System).Tell);
            var manifest = opened.Manifest;
            if (parsed.GetValue(json))
            {
                Cli.Print(new
                {
                    manifest.Version,
                    manifest.Number,
                    manifest.Architecture,
                    manifest.IssuedAtUnixMs,
                    manifest.Program,
                    manifest.Sbom,
                    files = manifest.Files.Select(f => new { f.Path, f.Executable, f.SizeBytes, sha256 = Convert.ToHexStringLower(f.Sha256.Span) }),
                });
                return Task.FromResult(Cli.Done);
            }
            Console.Out.WriteLine($"Version {manifest.Version}, number {manifest.Number}, for {manifest.Architecture}, signed {DateTimeOffset.FromUnixTimeMilliseconds(manifest.IssuedAtUnixMs):yyyy-MM-dd}; starts {manifest.Program}; parts in {manifest.Sbom}.");
            foreach (var file in manifest.Files)
                Console.Out.WriteLine($"{Convert.ToHexStringLower(file.Sha256.Span)}  {file.SizeBytes,12}  {file.Path}");
            return Task.FromResult(Cli.Done);
        });
        return command;
    }

    private static void WriteKey(string path, X509Certificate2 certificate)
    {
        using var key = certificate.GetECDsaPrivateKey()!;
        using var file = new StreamWriter(new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite }));
        file.WriteLine(key.ExportPkcs8PrivateKeyPem());
    }
}
