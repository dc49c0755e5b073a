using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgeAgent.Contract;
using EdgeAgent.DispatchClient.Releases;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Chaos.Update;

/// <summary>What came of bundles that are not what they say.</summary>
/// <param name="Offered">So many.</param>
/// <param name="Accepted">Of these, taken.</param>
/// <param name="Changed">Refusals that changed what is started or what a slot holds.</param>
/// <param name="Refused">By what was done to the bundle and the code it was refused with.</param>
/// <param name="Controls">Good bundles offered in between.</param>
/// <param name="ControlsTaken">Of these, taken: a box that refuses everything shows nothing.</param>
internal sealed record BundleFigures(int Offered, int Accepted, int Changed, IReadOnlyDictionary<string, int> Refused, int Controls, int ControlsTaken)
{
    public IEnumerable<string> Wrong()
    {
        if (Accepted > 0)
            yield return $"{Accepted} of {Offered} bad bundles were accepted";
        if (Changed > 0)
            yield return $"{Changed} refused bundles changed something";
        if (ControlsTaken != Controls || Controls == 0)
            yield return $"{ControlsTaken} of {Controls} good bundles were taken";
    }
}

/// <summary>Bundles tampered with, older, or somebody else's, each offered to the real updater.</summary>
internal sealed class BadBundles(UpdateWorld world, TextWriter progress)
{
    private const int ControlEvery = 1000;
    private readonly Dictionary<string, string> good = [];
    private readonly SortedDictionary<string, int> refused = new(StringComparer.Ordinal);
    private ulong number = 10;
    private int accepted, changed, controls, controlsTaken;

    public async Task<BundleFigures> RunAsync(int count, CancellationToken stop)
    {
        for (int done = 0; done < count; done++)
        {
            if (done % ControlEvery == 0)
                await ControlAsync(stop);
            (string what, byte[] bytes) = Spoil();
            await OfferAsync(what, bytes, stop);
            if ((done + 1) % 2000 == 0)
                await progress.WriteLineAsync($"  {done + 1} of {count} bad bundles, {accepted} accepted");
        }
        return new BundleFigures(count, accepted, changed, refused, controls, controlsTaken);
    }

    // A newer version is taken, becomes good, and is what the next ones are made from.
    private async Task ControlAsync(CancellationToken stop)
    {
        controls++;
        number += 2;
        try
        {
            _ = await new SlotUpdate(world.Slots, world.Trust).InstallAsync(world.Pack(number), null, stop);
            _ = await world.Slots.ChangeAsync(state => state.MarkedGood(), stop);
            controlsTaken += world.Slots.Read() is { OnTrial: false } state && state.Floor == number ? 1 : 0;
        }
        catch (ReleaseException)
        {
            // Not taken: counted as such.
        }
        // Older than what is good, as good, and newer: the first two are bad as they are, the third is what tampering begins with.
        foreach ((string name, ulong of) in ((string, ulong)[])[("older", number - 1), ("same", number), ("newer", number + 1)])
        {
            good[name] = world.At(name);
            File.Move(world.Pack(of), good[name], overwrite: true);
        }
    }

    private (string What, byte[] Bytes) Spoil()
    {
        byte[] newer = File.ReadAllBytes(good["newer"]);
        switch (world.Random.Next(9))
        {
            case 0:
                newer[world.Random.Next(newer.Length)] ^= (byte)(1 << world.Random.Next(8));
                return ("bit", newer);
            case 1:
                // The signed part is short beside the files: it gets as many hits as they do.
                newer[world.Random.Next(EnvelopeEnd(newer))] ^= (byte)(1 << world.Random.Next(8));
                return ("bit_in_manifest", newer);
            case 2:
                return ("cut_off", newer[..world.Random.Next(newer.Length)]);
            case 3:
                return ("longer", [.. newer, .. RandomNumberGenerator.GetBytes(1 + world.Random.Next(64))]);
            case 4:
                return ("older", File.ReadAllBytes(good[world.Random.Next(2) == 0 ? "older" : "same"]));
            case 5:
                return ("other_files", [.. newer[..EnvelopeEnd(newer)], .. Payload(File.ReadAllBytes(good["older"]))]);
            case 6:
                return ("foreign_signer", Signed(newer, _ => { }, Foreign()));
            case 7:
                return ("foreign_target", Signed(newer, m => _ = world.Random.Next(2) == 0 ? m.Product = "command-centre" : m.Architecture = "s390x", world.Signer));
            default:
                return ("leads_out", Signed(newer, LeadOut, world.Signer));
        }
    }

    private async Task OfferAsync(string what, byte[] bytes, CancellationToken stop)
    {
        string file = world.At("bad");
        await File.WriteAllBytesAsync(file, bytes, stop);
        SlotState before = world.Slots.Read();
        byte[]? held = world.Slots.ManifestOf(before.Inactive)?.ToByteArray();
        try
        {
            _ = await new SlotUpdate(world.Slots, world.Trust).InstallAsync(file, null, stop);
            accepted++;
            // What was taken would be on trial, and keep out what comes next.
            _ = await SlotUpdate.RollBackAsync(world.Slots, what, stop);
            refused[$"{what}: accepted"] = refused.GetValueOrDefault($"{what}: accepted") + 1;
            return;
        }
        catch (ReleaseException e)
        {
            refused[$"{what}: {e.Code}"] = refused.GetValueOrDefault($"{what}: {e.Code}") + 1;
        }
        if (world.Slots.Read() != before || !(world.Slots.ManifestOf(before.Inactive)?.ToByteArray()).AsSpan().SequenceEqual(held))
            changed++;
    }

    private EnvelopeSigner Foreign()
    {
        // Their own root; this root's certificate for something else; or this releaser's certificate over another's key.
        using X509Certificate2 theirs = ReleaseCertificates.CreateRoot("other root", world.Root.NotBefore, world.Root.NotAfter);
        X509Certificate2 other = ReleaseCertificates.CreateReleaser(theirs, "releaser", theirs.NotBefore, theirs.NotAfter);
        return world.Random.Next(3) switch
        {
            0 => UpdateWorld.SignerOf(other),
            1 => UpdateWorld.SignerOf(ListCertificates.CreateApprover(world.Root, "approver", world.Root.NotBefore, world.Root.NotAfter)),
            _ => UpdateWorld.SignerOf(other) with { CertificatesDer = world.Signer.CertificatesDer },
        };
    }

    private void LeadOut(ReleaseManifest manifest)
    {
        int at = world.Random.Next(manifest.Files.Count);
        // Beneath another file: beneath its own old name would be a sound release.
        string beneath = manifest.Files[(at + 1) % manifest.Files.Count].Path + "/x";
        string[] paths = ["../../state", "/etc/cron.d/x", "parts/../../../state", "parts", beneath, "parts//00", ""];
        manifest.Files[at].Path = paths[world.Random.Next(paths.Length)];
        ReleaseFile[] sorted = [.. manifest.Files.OrderBy(file => file.Path, StringComparer.Ordinal)];
        manifest.Files.Clear();
        manifest.Files.AddRange(sorted);
    }

    private static byte[] Signed(byte[] bundle, Action<ReleaseManifest> spoil, EnvelopeSigner signer)
    {
        ReleaseManifest manifest = ReleaseManifest.Parser.ParseFrom(SignedEnvelope.Parser.ParseFrom(bundle.AsSpan(HeadBytes..EnvelopeEnd(bundle))).Payload);
        spoil(manifest);
        byte[] envelope = Envelopes.Sign(Envelopes.ReleaseType, manifest.ToByteArray(), signer).ToByteArray();
        byte[] length = new byte[sizeof(uint)];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(length, (uint)envelope.Length);
        return [.. BundleHead.Magic, .. length, .. envelope, .. Payload(bundle)];
    }

    private static byte[] Payload(byte[] bundle) => bundle[EnvelopeEnd(bundle)..];

    private static int HeadBytes => BundleHead.Magic.Length + sizeof(uint);

    private static int EnvelopeEnd(byte[] bundle) => HeadBytes + (int)System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(bundle.AsSpan(BundleHead.Magic.Length));
}
