using EdgeAgent.Contract;
using Google.Protobuf;
using Grpc.Core;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.CommandCentre;

/// <summary>A unit greets its centre and registers what was found when it was accepted.</summary>
public sealed class AcceptanceTests
{
    [Fact]
    public async Task A_unit_hears_whom_it_is_taken_for_and_registers_its_birth_certificate_the_newest_of_which_the_console_shows()
    {
        await using var bench = await DraftBench.StartAsync();
        await bench.AddAsync("tech", "technician");
        using var car = await bench.Centre.EnrolAsync("PB-1");
        var client = new Acceptance.AcceptanceClient(car.Channel);
        var greeting = await client.GreetAsync(new GreetRequest());
        Assert.Equal("PB-1", greeting.UnitId);
        Assert.InRange(greeting.NowUnixMs, Now() - 60_000, Now() + 60_000);
        Assert.Null((string?)(await bench.GetAsync("tech", "/api/admin/units"))[0]!["acceptance"]);

        _ = await client.RegisterAsync(Signed(car, Certificate(Now() - 5000, accepted: false, new CheckFinding { Code = "ptz_stuck", About = "cam1", Grave = true })));
        _ = await client.RegisterAsync(Signed(car, Certificate(Now())));
        _ = await client.RegisterAsync(Signed(car, Certificate(Now() - 9000)));
        var unit = (await bench.GetAsync("tech", "/api/admin/units"))[0]!;
        Assert.Equal(("accepted", "Li Na"), ((string)unit["acceptance"]!, (string)unit["technician"]!));
        var found = await bench.GetAsync("tech", "/api/admin/units/PB-1/acceptance");
        Assert.Equal(("cam1", "SN-1"), ((string)found["parts"]![0]!["place"]!, (string)found["parts"]![0]!["serial"]!));
        Assert.Equal("ptz", (string)found["checks"]![0]!["name"]!);
        Assert.Equal(["PB-1 unit_not_accepted PB-1 Li Na", "PB-1 unit_accepted PB-1 Li Na", "PB-1 unit_accepted PB-1 Li Na"], bench.Centre.Audit().Where(row => row.Contains("accepted", StringComparison.Ordinal)));
    }

    public static TheoryData<string> Lies => [.. s_lies.Keys];

    private static readonly Dictionary<string, Func<RawCar, RawCar, SignedEnvelope>> s_lies = new()
    {
        ["not a birth certificate"] = (car, _) => Signed(car, Certificate(Now()), type: Envelopes.DecisionType),
        ["signed by another unit"] = (_, other) => Signed(other, Certificate(Now())),
        ["changed after it was signed"] = (car, _) => Changed(Signed(car, Certificate(Now(), accepted: false))),
        ["of another unit"] = (car, _) => Signed(car, With(Certificate(Now()), c => c.UnitId = "PB-2")),
        ["accepted in spite of what was found"] = (car, _) => Signed(car, Certificate(Now(), accepted: true, new CheckFinding { Code = "disk_full", Grave = true })),
        ["of next week"] = (car, _) => Signed(car, Certificate(Now() + (7L * 24 * 3600 * 1000))),
        ["of nobody"] = (car, _) => Signed(car, With(Certificate(Now()), c => c.Technician = "")),
        ["too large"] = (car, _) => Signed(car, With(Certificate(Now()), c => c.SoftwareVersion = new string('x', 70_000))),
        ["no message at all"] = (car, _) => SignedBytes(car, [0xFF, 0xFF, 0xFF]),
    };

    [Theory]
    [MemberData(nameof(Lies))]
    public async Task What_is_no_birth_certificate_of_this_unit_is_refused_in_a_sentence_and_nothing_is_kept(string lie)
    {
        await using var centre = await CentreUnderTest.StartAsync();
        using var car = await centre.EnrolAsync("PB-1");
        using var other = await centre.EnrolAsync("PB-2");
        var refused = await Assert.ThrowsAsync<RpcException>(async () => await new Acceptance.AcceptanceClient(car.Channel).RegisterAsync(s_lies[lie](car, other)));
        Assert.Equal(StatusCode.InvalidArgument, refused.StatusCode);
        Assert.EndsWith(".", refused.Status.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain(centre.Audit(), row => row.Contains("accepted", StringComparison.Ordinal));
    }

    private static BirthCertificate Certificate(long at, bool accepted = true, params CheckFinding[] findings) => new()
    {
        UnitId = "PB-1",
        Accepted = accepted,
        MadeAtUnixMs = at,
        Technician = "Li Na",
        SoftwareVersion = "1",
        Parts = { new InstalledPart { Kind = "camera", Place = "cam1", Serial = "SN-1" } },
        Checks = { new CheckResult { Name = "ptz", Findings = { findings } } },
    };

    private static BirthCertificate With(BirthCertificate certificate, Action<BirthCertificate> change)
    {
        change(certificate);
        return certificate;
    }

    private static SignedEnvelope Signed(RawCar car, BirthCertificate certificate, string type = Envelopes.BirthType) => car.Sign(type, certificate.ToByteArray());

    private static SignedEnvelope SignedBytes(RawCar car, byte[] payload) => car.Sign(Envelopes.BirthType, payload);

    private static SignedEnvelope Changed(SignedEnvelope envelope)
    {
        var certificate = BirthCertificate.Parser.ParseFrom(envelope.Payload);
        certificate.Accepted = true;
        envelope.Payload = certificate.ToByteString();
        return envelope;
    }

    private static long Now() => TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
}
