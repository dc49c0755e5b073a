using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Dapper;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Agent.LookUps;
using EdgeAgent.Agent.Officers;
using EdgeAgent.Agent.Retention;
using EdgeAgent.Chaos.Canary;
using EdgeAgent.Contract;
using EdgeAgent.DispatchClient.Outbox;
using EdgeAgent.Tests.DispatchClient;
using EdgeAgent.Tests.Support;
using Google.Protobuf;
using Grpc.Core;
using Patrol.Dispatch.V1;
using static EdgeAgent.Tests.Agent.LookUpPageBench;

namespace EdgeAgent.Tests.Agent;

/// <summary>Look-ups from the officer's page: asked of the centre or of nobody, written down first, kept in memory only.</summary>
public sealed class LookUpTests
{
    [Fact]
    public async Task An_answer_comes_with_its_clock_and_the_question_was_in_the_chain_before_it_left()
    {
        await using TestCentre centre = await TestCentre.StartAsync();
        await using BenchCar car = await LinkedAsync(centre);
        IReadOnlyList<AuditRecord> before = [];
        centre.LookUps.Answer = request =>
        {
            before = car.Audit();
            return Found(request);
        };
        JsonNode answer = await JsonOf(await AskAsync(car, subject: "沪z·9k7q2", reason: " no lights "));
        Assert.Equal(("found", Plate, "traffic_stop", "blue", "white van"),
            ((string)answer["outcome"]!, (string)answer["subject"]!, (string)answer["purpose"]!, (string)answer["plateClass"]!, (string)answer["vehicle"]!));
        Assert.Equal("stolen on_record 5", $"{answer["statuses"]![0]!["fact"]} {answer["statuses"]![0]!["state"]} {answer["statuses"]![0]!["dateUnixMs"]}");
        Assert.Equal(30 * 60_000, (long)answer["expiresAtUnixMs"]! - (long)answer["atUnixMs"]!);

        LookUpRequest asked = Assert.Single(centre.LookUps.Asked);
        Assert.Equal((Plate, "no lights", BenchCar.OfficerId, Uuid7.Length), (asked.Subject, asked.Reason, asked.OfficerId, asked.Id.Length));
        AuditRecord record = before.Single(r => r.Kind == AuditKind.Check);
        Assert.Equal((BenchCar.OfficerId, asked.SessionId, (string)answer["id"]!, "traffic_stop", 32), (record.Actor, record.SessionId, record.Subject, record.Purpose, record.Commitment.Length));
        Assert.True(car.VerifyAudit().Whole, car.VerifyAudit().Sentence);
        Assert.Equal($"plate {Plate} no lights", DetailOf(car, record));
    }

    [Fact]
    public async Task Only_the_officer_on_duty_asks_and_reads()
    {
        await using TestCentre centre = await TestCentre.StartAsync();
        await using BenchCar car = await LinkedAsync(centre);
        _ = await AskAsync(car);
        _ = await car.Http.DeleteAsync("/api/session");
        Assert.Equal(HttpStatusCode.Unauthorized, (await AskAsync(car)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await car.Http.GetAsync("/api/look-ups")).StatusCode);
        Assert.Single(centre.LookUps.Asked);
    }

    [Fact]
    public async Task Answers_are_forgotten_at_sign_out_for_the_next_officer_and_for_the_same_one()
    {
        await using TestCentre centre = await TestCentre.StartAsync();
        await using BenchCar car = await LinkedAsync(centre);
        centre.LookUps.Answer = Found;
        _ = await AskAsync(car);
        Assert.Single((await car.JsonAsync("/api/look-ups")).AsArray());
        DutySession first = car.Get<OfficerDesk>().OnDuty!;
        // Straight over, and out and in again.
        _ = await car.SignInAsync(BenchCar.OtherOfficerId);
        Assert.Empty((await car.JsonAsync("/api/look-ups")).AsArray());
        _ = await car.SignInAsync();
        Assert.Empty((await car.JsonAsync("/api/look-ups")).AsArray());
        Assert.Empty(car.Get<LookUpDesk>().Of(first));
    }

    [Fact]
    public async Task An_answer_to_somebody_who_has_signed_out_is_kept_for_nobody()
    {
        await using TestCentre centre = await TestCentre.StartAsync();
        await using BenchCar car = await LinkedAsync(centre);
        var answers = new TaskCompletionSource();
        (centre.LookUps.Answer, centre.LookUps.Pause) = (Found, answers.Task);
        DutySession asker = car.Get<OfficerDesk>().OnDuty!;
        Task<HttpResponseMessage> asking = AskAsync(car);
        await Eventually.HoldsAsync(() => !centre.LookUps.Asked.IsEmpty, "the question has left");
        _ = await car.SignInAsync(BenchCar.OtherOfficerId);
        answers.SetResult();
        Assert.Equal((HttpStatusCode.Unauthorized, "no_session"), await CodeAsync(await asking));
        Assert.Empty((await car.JsonAsync("/api/look-ups")).AsArray());
        Assert.Empty(car.Get<LookUpDesk>().Of(asker));
    }

    [Fact]
    public async Task The_policys_clock_ends_answers_and_a_wall_clock_that_is_set_does_not_keep_them()
    {
        await using TestCentre centre = await TestCentre.StartAsync();
        await using BenchCar car = await LinkedAsync(centre);
        centre.LookUps.Answer = Found;
        RetentionPolicy policy = RetentionClocks.Standard;
        (policy.Version, policy.LookUpMinutes, policy.Region, policy.Authority, policy.LegalReference) = (1, 10, "r", "a", "l");
        Assert.Equal("", car.Get<PolicyBook>().Take(Envelopes.Sign(Envelopes.RetentionType, policy.ToByteArray(), TestPki.Signer(SignerRole.Centre, centre.Pki.CentreSigner))));
        JsonNode answer = await JsonOf(await AskAsync(car));
        Assert.Equal(10 * 60_000, (long)answer["expiresAtUnixMs"]! - (long)answer["atUnixMs"]!);
        car.Time.Jump(TimeSpan.FromMinutes(9));
        car.Time.SetWall(DateTimeOffset.UnixEpoch);
        Assert.Single((await car.JsonAsync("/api/look-ups")).AsArray());
        car.Time.Jump(TimeSpan.FromMinutes(1.1));
        Assert.Empty((await car.JsonAsync("/api/look-ups")).AsArray());
    }

    [Fact]
    public async Task Subject_reason_and_answer_are_in_no_file_of_the_car()
    {
        await using TestCentre centre = await TestCentre.StartAsync();
        await using BenchCar car = await LinkedAsync(centre);
        string[] secrets = [Plate, Document, Name, "canary reason"];
        await File.WriteAllTextAsync(Path.Combine(car.Data, "planted"), string.Join(',', secrets));
        Assert.NotEmpty(TraceScanner.Scan(car.Data, secrets));
        File.Delete(Path.Combine(car.Data, "planted"));
        using var log = new LogTrap(car.App.Services);
        centre.LookUps.Answer = Found;
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(car, reason: "canary reason")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(car, "document", Document, "identity_check", "canary reason")).StatusCode);
        centre.LookUps.Answer = _ => new LookUpReply { Outcome = LookUpOutcome.Refused, Code = LookUpCodes.RateLimited };
        _ = await AskAsync(car, reason: "canary reason");
        centre.LookUps.Answer = request => throw new RpcException(new Status(StatusCode.Unavailable, request.Subject));
        _ = await AskAsync(car, reason: "canary reason");
        using var broken = new StringContent($"{{\"kind\": \"plate\", \"subject\": {{\"{Plate}\": 1}}}}", Encoding.UTF8, "application/json");
        Assert.Equal(HttpStatusCode.BadRequest, (await car.Http.PostAsync(new Uri("/api/look-ups", UriKind.Relative), broken)).StatusCode);
        Assert.DoesNotContain(secrets, s => log.Text.Contains(s, StringComparison.Ordinal));
        Assert.Empty(TraceScanner.Scan(car.Data, secrets));
        await car.EndAsync();
        Assert.Empty(TraceScanner.Scan(car.Data, secrets));
    }

    private static string DetailOf(BenchCar car, AuditRecord record)
    {
        (byte[] salt, byte[] box) = car.Get<OutboxStore>().Read(c => c.QuerySingle<(byte[], byte[])>("SELECT salt, sealed FROM audit_details WHERE sequence = @s", new { s = (long)record.Sequence }));
        byte[] said = car.Get<UnitVault>().Open("audit-detail", box);
        Assert.Equal(record.Commitment.ToByteArray(), SHA256.HashData([.. salt, .. said]));
        return Encoding.UTF8.GetString(said);
    }
}
