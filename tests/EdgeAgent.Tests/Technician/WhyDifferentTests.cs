using System.Text.Json;
using EdgeAgent.Contract;
using EdgeAgent.Tests.Agent;
using EdgeAgent.Tests.CommandCentre;
using EdgeAgent.Tests.DispatchClient;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.Technician;

/// <summary>A unit held against its fleet's reference, and the reference made by a real centre.</summary>
public sealed class WhyDifferentTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public async Task A_unit_that_is_as_its_reference_says_differs_in_nothing_and_another_in_words_and_directions()
    {
        await using var car = await BenchCar.StartAsync();
        Assert.True(car.TakePlates().Accepted);
        var snapshot = await SnapshotAsync(car);
        Assert.Contains(snapshot.Facts, f => f is { Section: FactSection.Lists, Key: "stolen-1", Value: "3" });
        Assert.DoesNotContain(snapshot.Facts, f => f.Key.StartsWith("Cameras[", StringComparison.Ordinal) || f.Key == "DataDirectory");

        Write(car, Reference(snapshot.Facts));
        var (exitCode, said, _) = await CompareAsync(car);
        Assert.Equal((0, "[]"), (exitCode, said.GetProperty("differences").ToString()));

        var facts = snapshot.Facts.Clone();
        Set(facts, "Alerts.FaceMinWidthPx", "48");
        Set(facts, "agent", "9.0.0");
        Set(facts, "face-feature", new string('0', 64));
        Set(facts, "stolen-1", "2");
        Set(facts, "Terminal.MapFile", "\"/srv/city.pmtiles\"");
        facts.Add(new UnitFact { Section = FactSection.Lists, Key = "wanted-1", Value = "7" });
        facts.Remove(facts.Single(f => f.Key == "AlertLapseSeconds"));
        Write(car, Reference(facts));
        (exitCode, said, _) = await CompareAsync(car);
        Assert.Equal(3, exitCode);
        var differences = said.GetProperty("differences").EnumerateArray().ToDictionary(d => d.GetProperty("key").GetString()!);
        Assert.Equal(
            [("AlertLapseSeconds", "extra", true), ("Alerts.FaceMinWidthPx", "lower", true), ("Terminal.MapFile", "other", false), ("agent", "older", true), ("face-feature", "other", true), ("stolen-1", "newer", true), ("wanted-1", "missing", true)],
            differences.OrderBy(d => d.Key, StringComparer.Ordinal).Select(d => (d.Key, d.Value.GetProperty("direction").GetString()!, d.Value.GetProperty("matters").GetBoolean())));
        Assert.Contains("more comparisons of faces too small to tell", differences["Alerts.FaceMinWidthPx"].GetProperty("sentence").GetString());

        var filed = SignedEnvelope.Parser.ParseFrom(File.ReadAllBytes(directory.At("out")));
        using var certificate = System.Security.Cryptography.X509Certificates.X509Certificate2.CreateFromPem(File.ReadAllText(Path.Combine(car.Data, "identity", "unit.crt")));
        Assert.True(Envelopes.OpenTrusted(filed, Envelopes.DifferenceType, SignerRole.Unit, [certificate]) is not null);
        Assert.Equal(7, UnitDifference.Parser.ParseFrom(filed.Payload).Differences.Count);
    }

    [Fact]
    public async Task What_the_centre_did_not_sign_or_no_longer_means_is_not_compared_with()
    {
        await using var car = await BenchCar.StartAsync();
        var facts = (await SnapshotAsync(car)).Facts;
        using var other = new TestPki();
        foreach (var (code, write) in new (string, Action)[]
        {
            ("not_signed_by_centre", () => Write(car, Reference(facts), signer: TestPki.Signer(SignerRole.Centre, other.CentreSigner))),
            ("not_signed_by_centre", () => Write(car, Reference(facts), signer: TestPki.Signer(SignerRole.Issuer, car.Pki.CentreSigner))),
            ("not_signed_by_centre", () => Write(car, Reference(facts), change: e => e.Payload = Reference(facts.Skip(1)).ToByteString())),
            ("reference_ended", () => Write(car, Reference(facts, ends: 1))),
            ("not_a_reference", () => Write(car, Reference(facts), type: Envelopes.ConfigurationType)),
            ("not_a_reference", () => Write(car, Reference(facts.Concat(facts)))),
            ("not_a_reference", () => File.WriteAllText(directory.At("reference"), "not at all")),
        })
        {
            write();
            var (exitCode, said, error) = await CompareAsync(car);
            Assert.Equal((1, code), (exitCode, said.GetProperty("error").GetString()));
            Assert.Single(error.Trim().Split('\n'));
            Assert.False(File.Exists(directory.At("out")));
        }
    }

    [Fact]
    public async Task The_centre_makes_a_reference_from_what_a_unit_signed_or_by_hand_and_reads_what_units_file()
    {
        await using var centre = await CentreUnderTest.StartAsync();
        using var car = await centre.EnrolAsync("PB-0001");
        using var stranger = await centre.EnrolAsync("PB-0002");
        var snapshot = new UnitSnapshot { UnitId = "PB-0001", TakenAtUnixMs = 1 };
        snapshot.Facts.Add(new UnitFact { Section = FactSection.Thresholds, Key = "Alerts.DoubtBelow", Value = "0.8" });
        snapshot.Facts.Add(new UnitFact { Section = FactSection.Settings, Key = "Terminal.Url", Value = "\"http://127.0.0.1:8088\"" });
        Sign(car, "snapshot", Envelopes.SnapshotType, snapshot);
        var made = await centre.CommandAsync(null, "reference", "make", "--fleet", "city", "--from", directory.At("snapshot"), "--drop", "Terminal.", "--by", "li", "--out", directory.At("city"), "--json");
        Assert.Equal((0, ""), (made.ExitCode, made.Error));
        var envelope = SignedEnvelope.Parser.ParseFrom(File.ReadAllBytes(directory.At("city")));
        var signers = car.Reply!.CentreSigners.Select(der => System.Security.Cryptography.X509Certificates.X509CertificateLoader.LoadCertificate(der.Span));
        var reference = FleetReference.Parser.ParseFrom(Envelopes.OpenTrusted(envelope, Envelopes.ReferenceType, SignerRole.Centre, signers)!.Value.Span);
        Assert.Equal(("city", "PB-0001", "li", "Alerts.DoubtBelow"), (reference.Fleet, reference.MadeFromUnit, reference.MadeBy, Assert.Single(reference.Facts).Key));

        var shown = await centre.CommandAsync(null, "reference", "show", "--file", directory.At("city"));
        File.WriteAllText(directory.At("by-hand.json"), shown.Output.Replace("0.8", "0.7", StringComparison.Ordinal));
        Assert.Equal(0, (await centre.CommandAsync(null, "reference", "make", "--fleet", "city", "--from", directory.At("by-hand.json"), "--by", "li", "--out", directory.At("hand"))).ExitCode);
        Assert.Contains("0.7", (await centre.CommandAsync(null, "reference", "show", "--file", directory.At("hand"))).Output);

        Sign(stranger, "forged", Envelopes.SnapshotType, snapshot);
        var refused = await centre.CommandAsync(null, "reference", "make", "--fleet", "city", "--from", directory.At("forged"), "--by", "li", "--out", directory.At("no"));
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("not signed by unit 'PB-0001'", refused.Error);
        Assert.False(File.Exists(directory.At("no")));

        Sign(car, "difference", Envelopes.DifferenceType, new UnitDifference { UnitId = "PB-0001", Fleet = "city" });
        Assert.Contains("\"fleet\": \"city\"", (await centre.CommandAsync(null, "reference", "differences", "--file", directory.At("difference"))).Output);
        Assert.Equal(1, (await centre.CommandAsync(null, "reference", "differences", "--file", directory.At("city"))).ExitCode);
    }

    private void Sign(RawCar car, string file, string type, IMessage content)
    {
        using var key = System.Security.Cryptography.X509Certificates.ECDsaCertificateExtensions.GetECDsaPrivateKey(car.Certificate!);
        File.WriteAllBytes(directory.At(file), Envelopes.Sign(type, content.ToByteArray(), new EnvelopeSigner(SignerRole.Unit, key!, [])).ToByteArray());
    }

    private async Task<UnitSnapshot> SnapshotAsync(BenchCar car)
    {
        await AtTheBox.DoorOpenAsync(car);
        var (exitCode, _, error) = await AtTheBox.RunAsync("why-different", "--data", car.Data, "--snapshot", directory.At("snapshot"));
        Assert.Equal((0, ""), (exitCode, error));
        return UnitSnapshot.Parser.ParseFrom(SignedEnvelope.Parser.ParseFrom(File.ReadAllBytes(directory.At("snapshot"))).Payload);
    }

    private Task<(int ExitCode, JsonElement Said, string Error)> CompareAsync(BenchCar car) =>
        AtTheBox.RunAsync("why-different", "--data", car.Data, "--reference", directory.At("reference"), "--out", directory.At("out"));

    private void Write(BenchCar car, FleetReference reference, EnvelopeSigner? signer = null, string type = Envelopes.ReferenceType, Action<SignedEnvelope>? change = null)
    {
        var envelope = Envelopes.Sign(type, reference.ToByteArray(), signer ?? TestPki.Signer(SignerRole.Centre, car.Pki.CentreSigner));
        change?.Invoke(envelope);
        File.WriteAllBytes(directory.At("reference"), envelope.ToByteArray());
    }

    private static FleetReference Reference(IEnumerable<UnitFact> facts, long ends = long.MaxValue / 1_000_000)
    {
        var reference = new FleetReference { Fleet = "city", Version = 1, EndsAtUnixMs = ends };
        reference.Facts.AddRange(facts.Select(f => f.Clone()));
        return reference;
    }

    private static void Set(IEnumerable<UnitFact> facts, string key, string value) => facts.Single(f => f.Key == key).Value = value;
}
