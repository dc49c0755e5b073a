using System.Net;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using EdgeAgent.Agent.Alerts;
using EdgeAgent.Agent.Positions;
using EdgeAgent.Contract;
using EdgeAgent.DispatchClient.Identity;
using EdgeAgent.Tests.DispatchClient;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.Agent;

public sealed class AlertTests
{
    [Fact]
    public async Task A_listed_plate_becomes_an_alert_and_the_confirmed_one_a_signed_decision_in_outbox_and_chain()
    {
        await using BenchCar car = await ReadyAsync();
        await using FakeEyes eyes = await car.EyesAsync();
        await using Page page = await car.PageAsync();
        await Eventually.HoldsAsync(() => eyes.Seeing.Plates, "eyes look for plates");
        await eyes.SeePlateAsync("京A12345");

        JsonNode alert = await page.UntilAsync("alert");
        string id = (string)alert["id"]!;
        Assert.Equal(("plate", "stop", "京A12345", "stolen_vehicle"), ((string)alert["kind"]!, (string)alert["tone"]!, (string)alert["listedText"]!, (string)alert["category"]!));
        Assert.Equal("data:image/jpeg;base64," + Convert.ToBase64String(FakeEyes.Jpeg), (string)alert["seenUrl"]!);
        Assert.Equal(HttpStatusCode.NoContent, (await car.Http.PostAsync($"/api/alerts/{id}/painted", null)).StatusCode);

        HttpResponseMessage answer = await car.DecideAsync(id, "confirmed");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        string decisionId = (string)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["decisionId"]!;
        Assert.Equal("confirmed", (string)(await page.UntilAsync("alertClosed"))["outcome"]!);
        Assert.Equal(HttpStatusCode.Conflict, (await car.DecideAsync(id, "confirmed")).StatusCode);

        Event happened = Assert.Single(car.Events(), e => e.AlertDecided is not null);
        Assert.Equal((Lane.Decisions, Priority.Urgent, BenchCar.OfficerId), (happened.Lane, happened.Priority, happened.OfficerId));
        Assert.InRange(happened.CalculateSize(), 1, OpenAlert.MaxEventBytes);
        SignedEnvelope envelope = happened.AlertDecided.Decision;
        Assert.True(Envelopes.VerifySignature(envelope, Assert.Single(envelope.Signatures), car.Get<UnitIdentity>().Certificate));
        Decision decision = Decision.Parser.ParseFrom(envelope.Payload);
        Assert.Equal(decisionId, Uuid7.ToGuid(decision.Id.Span).ToString());
        Assert.Equal(SHA256.HashData(happened.AlertDecided.Alert.Span), decision.AlertSha256.ToByteArray());
        Assert.Equal((Verdict.Confirmed, BenchCar.OfficerId, TimeTrust.Centre), (decision.Verdict, decision.OfficerId, decision.TimeTrust));
        Alert shown = Alert.Parser.ParseFrom(happened.AlertDecided.Alert);
        Assert.Equal((id, "京A12345", FakeEyes.Jpeg.Length), (Uuid7.ToGuid(shown.Id.Span).ToString(), shown.Plate.Text, shown.SeenJpeg.Length));

        Assert.True(car.VerifyAudit().Whole, car.VerifyAudit().Sentence);
        AuditRecord record = Assert.Single(car.Audit(), r => r.Kind == AuditKind.AlertConfirmed);
        Assert.Equal((BenchCar.OfficerId, decision.SessionId), (record.Actor, record.SessionId));
        Assert.Contains(decisionId, record.Subject, StringComparison.Ordinal);
        JsonNode summary = await car.JsonAsync("/api/summary");
        Assert.Equal((1, 1, 1), ((int)summary["hitsPlate"]!, (int)summary["decisions"]!, (int)summary["confirmedPlate"]!));
        double painted = (double)Assert.Single(summary["alertLatenciesMs"]!.AsArray())!;
        Assert.InRange((double)Assert.Single(summary["alertOpenLatenciesMs"]!.AsArray())!, 0, painted);
        Assert.InRange(painted, 0, 5000);
    }

    [Fact]
    public async Task A_rejection_needs_a_reason_and_leaves_without_pictures()
    {
        await using BenchCar car = await ReadyAsync();
        await using FakeEyes eyes = await car.EyesAsync();
        await using Page page = await car.PageAsync();
        await eyes.SeePlateAsync("京A12345");
        string id = (string)(await page.UntilAsync("alert"))["id"]!;

        HttpResponseMessage without = await car.DecideAsync(id, "rejected");
        Assert.Equal((HttpStatusCode.BadRequest, "{\"code\":\"reason_required\"}"), (without.StatusCode, await without.Content.ReadAsStringAsync()));
        Assert.Equal(HttpStatusCode.BadRequest, (await car.DecideAsync(id, "rejected", "because")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await car.DecideAsync(id, "perhaps")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await car.DecideAsync(id, "rejected", "other", new string('x', 201))).StatusCode);
        Assert.DoesNotContain(car.Events(), e => e.AlertDecided is not null);

        Assert.Equal(HttpStatusCode.OK, (await car.DecideAsync(id, "rejected", "not_same_vehicle", "lorry")).StatusCode);
        AlertDecided decided = Assert.Single(car.Events(), e => e.AlertDecided is not null).AlertDecided;
        Alert sent = Alert.Parser.ParseFrom(decided.Alert);
        Assert.True(sent.SeenJpeg.IsEmpty && sent.ListedJpeg.IsEmpty);
        Decision decision = Decision.Parser.ParseFrom(decided.Decision.Payload);
        Assert.Equal((Verdict.Rejected, "not_same_vehicle", "lorry"), (decision.Verdict, decision.Reason, decision.Note));
        Assert.Equal(SHA256.HashData(decided.Alert.Span), decision.AlertSha256.ToByteArray());
        await using Page later = await car.PageAsync();
        Assert.False(await later.ComesAsync("alert", 0.5));
    }

    [Fact]
    public async Task With_nobody_signed_in_nothing_is_looked_for_matched_or_decided()
    {
        await using BenchCar car = await BenchCar.StartAsync();
        Assert.True(car.TakePlates().Accepted);
        await using FakeEyes eyes = await car.EyesAsync();
        await using Page page = await car.PageAsync();
        await eyes.SeePlateAsync("京A12345");
        Assert.Equal("no_officer", (string)(await page.UntilAsync("state"))["matching"]!["code"]!);
        Assert.False(await page.ComesAsync("alert", 0.7));
        Assert.False(eyes.Seeing.Plates || eyes.Seeing.Faces);
        Assert.Equal(0, car.Get<AlertBook>().Counts.HitsPlate);
        Assert.Equal(HttpStatusCode.Unauthorized, (await car.DecideAsync(Guid.NewGuid().ToString(), "confirmed")).StatusCode);
    }

    [Fact]
    public async Task Eyes_are_told_what_to_look_for_when_an_officer_comes_and_goes()
    {
        await using BenchCar car = await BenchCar.StartAsync();
        Assert.True(car.TakePlates().Accepted);
        await using FakeEyes eyes = await car.EyesAsync();
        _ = await car.SignInAsync();
        await Eventually.HoldsAsync(() => eyes.Seeing is { Plates: true, Faces: false }, "plates only: there is no face list");
        Assert.True(car.TakeFaces().Accepted);
        await Eventually.HoldsAsync(() => eyes.Seeing is { Plates: true, Faces: true }, "faces as well");
        _ = await car.Http.DeleteAsync("/api/session");
        await Eventually.HoldsAsync(() => eyes.Seeing is { Plates: false, Faces: false }, "nothing any more");
    }

    [Fact]
    public async Task A_listed_face_is_shown_with_its_portrait_and_another_face_is_not()
    {
        await using BenchCar car = await ReadyAsync();
        Assert.True(car.TakeFaces(l => l.Faces[0].PortraitJpeg = Google.Protobuf.ByteString.CopyFrom(FakeEyes.Jpeg)).Accepted);
        await using FakeEyes eyes = await car.EyesAsync();
        await using Page page = await car.PageAsync();
        await eyes.SeeFaceAsync(TestLists.Template(2), car.Model);
        await eyes.SeeFaceAsync(TestLists.Template(1), car.Model, v => v.WidthPx = 20);
        await eyes.SeeFaceAsync(TestLists.Template(1), car.Model);
        JsonNode alert = await page.UntilAsync("alert");
        Assert.Equal(("face", "check", "missing_or_vulnerable"), ((string)alert["kind"]!, (string)alert["tone"]!, (string)alert["category"]!));
        Assert.InRange((double)alert["face"]!["similarity"]!, 0.99, 1.01);
        Assert.Equal("data:image/jpeg;base64," + Convert.ToBase64String(FakeEyes.Jpeg), (string)alert["listedUrl"]!);
        Assert.Equal(1, car.Get<AlertBook>().Counts.HitsFace);
    }

    [Theory]
    [InlineData(0.0, true)]
    [InlineData(0.05, false)]
    public async Task A_face_list_is_used_only_at_the_place_that_it_was_authorised_for(double degreesAway, bool shown)
    {
        await using BenchCar car = await ReadyAsync();
        Assert.True(car.TakeFaces(l => l.FaceAuthorisation.Place = new Area { Centre = new GeoPoint { LatitudeDegrees = 39.9, LongitudeDegrees = 116.4 }, RadiusMetres = 1000 }).Accepted);
        await using FakeEyes eyes = await car.EyesAsync();
        _ = car.Get<PositionBook>().Take(
            new EdgeAgent.Hw.Gnss.GnssFix(39.9 + degreesAway, 116.4, null, null, null, null, EdgeAgent.Hw.Gnss.GnssQuality.ThreeD, 9, 0, eyes.MonoMs, Stale: false), BenchCar.OfficerId);
        await Eventually.HoldsAsync(() => eyes.Seeing.Faces, "matching");
        await eyes.SeeFaceAsync(TestLists.Template(1), car.Model);
        await eyes.SeePlateAsync("京A12345");
        await using Page page = await car.PageAsync();
        _ = await page.UntilAsync("alert", a => (string)a["kind"]! == "plate");
        Assert.Equal(shown ? 1 : 0, car.Get<AlertBook>().Counts.HitsFace);
    }

    [Fact]
    public async Task Doubt_turns_stop_into_check_and_says_why()
    {
        await using BenchCar car = await ReadyAsync();
        await using FakeEyes eyes = await car.EyesAsync();
        await using Page page = await car.PageAsync();
        await eyes.SeePlateAsync("京A12346", v =>
        {
            v.CharacterConfidence[6] = 0.5f;
            v.Colour = "yellow";
            v.Rivals.Add(new EdgeAgent.Eyes.V1.Rival { Text = "京A12345", Confidence = 0.4f });
        });
        JsonNode alert = await page.UntilAsync("alert");
        Assert.Equal("check", (string)alert["tone"]!);
        Assert.Equal(["one_character", "doubtful_character", "rival_reading", "plate_colour"], alert["contradictions"]!.AsArray().Select(c => (string)c!));
    }

    [Fact]
    public async Task A_reading_that_is_often_wrong_as_a_whole_is_no_stop_however_sure_its_characters_look()
    {
        await using BenchCar car = await ReadyAsync();
        await using FakeEyes eyes = await car.EyesAsync();
        await using Page page = await car.PageAsync();
        await eyes.SeePlateAsync("京A12345", v => v.Confidence = 0.6f);
        JsonNode alert = await page.UntilAsync("alert");
        Assert.Equal("check", (string)alert["tone"]!);
        Assert.Equal(["doubtful_character"], alert["contradictions"]!.AsArray().Select(c => (string)c!));
        Assert.Equal(0.6, (double)alert["plate"]!["confidence"]!, 3);
    }

    [Fact]
    public async Task One_character_off_without_doubt_about_it_is_no_hit()
    {
        await using BenchCar car = await ReadyAsync();
        await using FakeEyes eyes = await car.EyesAsync();
        await using Page page = await car.PageAsync();
        await eyes.SeePlateAsync("京A12346");
        Assert.False(await page.ComesAsync("alert", 0.7));
    }

    [Fact]
    public async Task The_same_entry_again_updates_the_open_alert_and_is_quiet_for_a_while_once_decided()
    {
        await using BenchCar car = await ReadyAsync();
        await using FakeEyes eyes = await car.EyesAsync();
        await using Page page = await car.PageAsync();
        await eyes.SeePlateAsync("京A12345");
        string first = (string)(await page.UntilAsync("alert"))["id"]!;
        await eyes.SeePlateAsync("京A12345", v => v.CameraId = "cam2");
        await Eventually.HoldsAsync(() => car.Get<AlertBook>().Open is [{ SeenAgain: 1, LastCameraId: "cam2" }], "one alert, seen again");
        Assert.Equal(HttpStatusCode.OK, (await car.DecideAsync(first, "confirmed")).StatusCode);

        await eyes.SeePlateAsync("京A12345");
        await eyes.SeePlateAsync("京AD12345", v => v.Colour = "green");
        Assert.Equal("京AD12345", (string)(await page.UntilAsync("alert"))["listedText"]!);
        Assert.Equal(1, car.Get<AlertBook>().Counts.Suppressed);
        car.Time.Jump(TimeSpan.FromSeconds(301));
        await eyes.SeePlateAsync("京A12345");
        Assert.Equal("京A12345", (string)(await page.UntilAsync("alert", a => (string)a["id"]! != first && (string)a["listedText"]! == "京A12345"))["listedText"]!);
    }

    [Fact]
    public async Task An_alert_that_nobody_decides_lapses_as_not_seen()
    {
        await using BenchCar car = await ReadyAsync();
        await using FakeEyes eyes = await car.EyesAsync();
        await using Page page = await car.PageAsync();
        await eyes.SeePlateAsync("京A12345");
        string id = (string)(await page.UntilAsync("alert"))["id"]!;
        OpenAlert open = Assert.Single(car.Get<AlertBook>().Open);
        car.Time.Jump(TimeSpan.FromSeconds(121));
        Assert.Equal("lapsed", (string)(await page.UntilAsync("alertClosed"))["outcome"]!);
        Assert.Equal(HttpStatusCode.Conflict, (await car.DecideAsync(id, "confirmed")).StatusCode);
        Event lapsed = Assert.Single(car.Events(), e => e.AlertLapsed is not null);
        Assert.Equal(id, Uuid7.ToGuid(lapsed.AlertLapsed.AlertId.Span).ToString());
        Assert.Equal("not_seen", Assert.Single(car.Audit(), r => r.Kind == AuditKind.AlertLapsed).Purpose);
        Assert.DoesNotContain(car.Events(), e => e.AlertDecided is not null);
        Assert.All(open.SeenJpeg.Concat(open.Whole), b => Assert.Equal(0, b));
    }

    [Fact]
    public async Task An_alert_event_stays_small_whatever_the_list_carries()
    {
        await using BenchCar car = await ReadyAsync();
        Assert.True(car.TakeFaces(l =>
        {
            l.TitleZh = l.TitleEn = l.Authority = l.LegalReference = new string('名', 5000);
            l.Faces[0].Note = l.Faces[0].DisplayName = l.Faces[0].SubjectReference = new string('字', 200);
            l.Faces[0].PortraitJpeg = Google.Protobuf.ByteString.CopyFrom([.. FakeEyes.Jpeg, .. new byte[50_000]]);
        }).Accepted);
        await using FakeEyes eyes = await car.EyesAsync();
        await using Page page = await car.PageAsync();
        await eyes.SeeFaceAsync(TestLists.Template(1), car.Model, v => v.CropJpeg = Google.Protobuf.ByteString.CopyFrom([.. FakeEyes.Jpeg, .. new byte[8192 - FakeEyes.Jpeg.Length]]));
        string id = (string)(await page.UntilAsync("alert"))["id"]!;
        Assert.Equal(HttpStatusCode.OK, (await car.DecideAsync(id, "confirmed", "", new string('记', 200))).StatusCode);
        Assert.InRange(Assert.Single(car.Events(), e => e.AlertDecided is not null).CalculateSize(), 1, OpenAlert.MaxEventBytes);
    }

    [Fact]
    public async Task A_revoked_list_takes_its_open_alerts_with_it()
    {
        await using BenchCar car = await ReadyAsync();
        await using FakeEyes eyes = await car.EyesAsync();
        await using Page page = await car.PageAsync();
        await eyes.SeePlateAsync("京A12345");
        _ = await page.UntilAsync("alert");
        car.Lists.Revoke("stolen-1", []);
        Assert.Equal("lapsed", (string)(await page.UntilAsync("alertClosed"))["outcome"]!);
        Assert.Equal("list_ended", Assert.Single(car.Audit(), r => r.Kind == AuditKind.AlertLapsed).Purpose);
        await eyes.SeePlateAsync("京A12345");
        Assert.False(await page.ComesAsync("alert", 0.5));
    }

    [Fact]
    public async Task A_page_that_comes_later_gets_the_open_alerts_at_once()
    {
        await using BenchCar car = await ReadyAsync();
        await using FakeEyes eyes = await car.EyesAsync();
        await eyes.SeePlateAsync("京A12345");
        await Eventually.HoldsAsync(() => car.Get<AlertBook>().Open.Count == 1, "the alert is open");
        await using Page page = await car.PageAsync();
        Assert.Equal("京A12345", (string)(await page.UntilAsync("alert"))["listedText"]!);
    }

    private static async Task<BenchCar> ReadyAsync()
    {
        BenchCar car = await BenchCar.StartAsync();
        Assert.True(car.TakePlates().Accepted);
        Assert.Equal(HttpStatusCode.OK, (await car.SignInAsync()).StatusCode);
        return car;
    }
}
