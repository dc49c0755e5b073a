using System.Net;
using System.Net.Http.Json;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using EdgeAgent.Agent.Alerts;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Agent.Watchlists;
using EdgeAgent.AuditVerifier;
using EdgeAgent.Tests.DispatchClient;
using EdgeAgent.Vision.Faces;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.Agent;

/// <summary>Assist: for a reason and a minute, only in memory, only who the officer points out, only against those missing (DESIGN 4.2).</summary>
public sealed class AssistTests
{
    private const int Missing = 100;

    [Fact]
    public async Task Who_the_officer_points_out_is_compared_with_the_missing_by_a_lower_limit_and_an_officer_decides()
    {
        await using BenchCar car = await ReadyAsync();
        await using FakeEyes eyes = await car.EyesAsync();
        await using Page page = await car.PageAsync();
        await Eventually.HoldsAsync(() => eyes.Seeing.Faces, "matching");
        ByteString somewhatAlike = Alike(car, TestLists.Template(1));
        // Without an Assist this face passes, and nothing is kept of it.
        await SeeAsync(car, eyes, somewhatAlike);
        Assert.Null(await NowAsync(car));
        Assert.Equal(0, car.Get<EyesFacts>().Assist.OldestMs);

        JsonNode begun = (await JsonOf(await BeginAsync(car, "ill", " lies on the pavement ")))["assist"]!;
        Assert.Equal(("ill", 0), ((string)begun["reason"]!, begun["views"]!.AsArray().Count));
        Assert.Equal((HttpStatusCode.Conflict, "assist_going_on"), await CodeAsync(await BeginAsync(car, "lost")));
        await SeeAsync(car, eyes, somewhatAlike, v => (v.VisitId, v.WidthPx) = ("alike", 120));
        await SeeAsync(car, eyes, TestLists.Template(9), v => (v.VisitId, v.CameraId) = ("nobody", "cam1"));
        JsonNode[] views = await ViewsAsync(car);
        Assert.Equal(["alike cam2 120", "nobody cam1 80"], views.Select(v => $"{v["visitId"]} {v["cameraId"]} {v["widthPx"]}"));
        HttpResponseMessage picture = await car.Http.GetAsync(new Uri("/api/assist/views/alike.jpg", UriKind.Relative));
        Assert.Equal(FakeEyes.Jpeg, await picture.Content.ReadAsByteArrayAsync());
        Assert.Equal("no-store", picture.Headers.CacheControl!.ToString());
        Assert.Equal(0, car.Get<AlertBook>().Counts.HitsFace);

        Assert.Equal("unlike", await OutcomeAsync(car, "nobody"));
        Assert.Equal("nobody", (string)(await NowAsync(car))!["unlike"]![0]!);
        Assert.Equal("alert", await OutcomeAsync(car, "alike"));
        JsonNode alert = await page.UntilAsync("alert");
        Assert.Equal(("face", "check", "missing_or_vulnerable"), ((string)alert["kind"]!, (string)alert["tone"]!, (string)alert["category"]!));
        Assert.DoesNotContain(car.Events(), e => e.AlertDecided is not null);
        // It is the alert's now.
        Assert.Equal((HttpStatusCode.Conflict, "view_gone"), await CodeAsync(await CheckAsync(car, "alike")));
        Assert.Equal(HttpStatusCode.NotFound, (await car.Http.GetAsync(new Uri("/api/assist/views/alike.jpg", UriKind.Relative))).StatusCode);

        Assert.Equal(HttpStatusCode.OK, (await car.DecideAsync((string)alert["id"]!, "rejected", "not_same_person")).StatusCode);
        await SeeAsync(car, eyes, somewhatAlike, v => v.VisitId = "again");
        Assert.Equal("decided_before", await OutcomeAsync(car, "again"));
        Assert.Empty(car.Get<AlertBook>().Open);

        Assert.Equal(HttpStatusCode.NoContent, (await car.Http.DeleteAsync("/api/assist")).StatusCode);
        Assert.Null(await NowAsync(car));
        Assert.Equal((HttpStatusCode.Conflict, "assist_over"), await CodeAsync(await CheckAsync(car, "nobody")));
        AuditRecord[] said = [.. car.Audit().Where(r => r.Kind == AuditKind.Check)];
        Assert.Equal(["assist/ill", "assist/ill compared", "assist/ill compared", "assist/ill compared", "assist/ill ended kept 3 compared 3"], said.Select(r => r.Purpose));
        Assert.All(said, r => Assert.Equal((BenchCar.OfficerId, (string)begun["id"]!), (r.Actor, r.Subject)));
        Assert.Equal(32, said[0].Commitment.Length);
        Assert.True(car.VerifyAudit().Whole, car.VerifyAudit().Sentence);
    }

    [Fact]
    public async Task It_ends_by_itself_within_the_minute_and_each_face_is_overwritten_and_accounted_for()
    {
        await using BenchCar car = await ReadyAsync();
        var held = new List<FaceSighting>();
        await using (FakeEyes eyes = await car.EyesAsync())
        {
            await Eventually.HoldsAsync(() => eyes.Seeing.Faces, "matching");
            Assert.Equal(HttpStatusCode.OK, (await BeginAsync(car, "lost")).StatusCode);
            for (int i = 0; i < 4; i++)
                await SeeAsync(car, eyes, TestLists.Template(10 + i), v => v.WidthPx = (uint)(60 + 10 * i));
            await SeeAsync(car, eyes, TestLists.Template(20), v => v.WidthPx = 31);
            Assert.Equal([90, 80], (await ViewsAsync(car)).Select(v => (int)v["widthPx"]!));
            foreach (JsonNode view in await ViewsAsync(car))
                _ = car.Get<EyesFacts>().Assist.Compare((string)view["visitId"]!, face =>
                {
                    held.Add(face);
                    return false;
                });
            car.Time.Jump(TimeSpan.FromSeconds(50));
            Assert.Equal(2, (await ViewsAsync(car)).Length);
            await Eventually.HoldsAsync(() => car.Get<EyesFacts>().Assist.OldestMs >= 50_000, "their age is known");
            await Task.Delay(1200);
            car.Time.Jump(TimeSpan.FromSeconds(8));
            // Nobody asked: the car's own stage ends it.
            await Eventually.HoldsAsync(() => car.Audit().Any(r => r.Purpose == "assist/lost time kept 4 compared 0"), "ended");
            Assert.Null(await NowAsync(car));
            await SeeAsync(car, eyes, TestLists.Template(30));
            Assert.Equal(0, car.Get<EyesFacts>().Assist.OldestMs);
        }
        Assert.Equal(2, held.Count);
        Assert.All(held, f => Assert.True(f.Embedding.All(v => v == 0) && f.CropJpeg.All(b => b == 0)));
        await car.EndAsync();
        Account account = car.Receipts();
        Assert.Equal((6UL, 0UL, 6UL, 0UL), (account.Faces.Seen, account.Faces.Matched, account.Faces.Deleted, account.Faces.Held));
        Assert.InRange(account.AssistOldestMs, 50_000UL, 60_000UL);
        Assert.True(account.IsInOrder);
    }

    [Fact]
    public async Task It_ends_with_the_session_and_is_nobody_elses()
    {
        await using BenchCar car = await ReadyAsync();
        await using FakeEyes eyes = await car.EyesAsync();
        await Eventually.HoldsAsync(() => eyes.Seeing.Faces, "matching");
        _ = await BeginAsync(car, "drunk");
        await SeeAsync(car, eyes, TestLists.Template(9), v => v.VisitId = "nobody");
        Assert.Single(await ViewsAsync(car));
        _ = await car.SignInAsync(BenchCar.OtherOfficerId);
        Assert.Equal(0, car.Get<EyesFacts>().Assist.OldestMs);
        Assert.Null(await NowAsync(car));
        Assert.Equal((HttpStatusCode.Conflict, "assist_over"), await CodeAsync(await CheckAsync(car, "nobody")));
        await Eventually.HoldsAsync(() => car.Audit().Any(r => r.Purpose == "assist/drunk signed_out kept 1 compared 0" && r.Actor == BenchCar.OfficerId), "its end is in the chain");
        _ = await car.Http.DeleteAsync("/api/session");
        Assert.Equal(HttpStatusCode.Unauthorized, (await BeginAsync(car, "ill")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await car.Http.GetAsync(new Uri("/api/assist", UriKind.Relative))).StatusCode);
    }

    [Fact]
    public async Task Without_a_reason_or_a_list_of_missing_people_nothing_begins_and_nothing_is_kept()
    {
        await using BenchCar car = await BenchCar.StartAsync();
        _ = await car.SignInAsync();
        Assert.Equal((HttpStatusCode.Conflict, "no_lists"), await CodeAsync(await BeginAsync(car, "ill")));
        Assert.True(car.TakePlates().Accepted);
        await using FakeEyes eyes = await car.EyesAsync();
        await Eventually.HoldsAsync(() => eyes.Seeing.Plates, "matching");
        Assert.Equal((HttpStatusCode.Conflict, "no_missing_list"), await CodeAsync(await BeginAsync(car, "ill")));
        Assert.True(car.TakeFaces(Wanted).Accepted);
        Assert.Equal((HttpStatusCode.Conflict, "no_missing_list"), await CodeAsync(await BeginAsync(car, "ill")));
        Assert.True(car.TakeFaces().Accepted);
        foreach (string reason in (string[])["", "suspicious", "ILL"])
            Assert.Equal((HttpStatusCode.BadRequest, "reason_unknown"), await CodeAsync(await BeginAsync(car, reason)));
        Assert.Equal((HttpStatusCode.BadRequest, "words_needed"), await CodeAsync(await BeginAsync(car, "other", "  ")));
        Assert.Equal((HttpStatusCode.BadRequest, "words_too_long"), await CodeAsync(await BeginAsync(car, "other", new string('x', 201))));
        Assert.Null(await NowAsync(car));
        Assert.DoesNotContain(car.Audit(), r => r.Kind == AuditKind.Check);
        Assert.Equal(HttpStatusCode.OK, (await BeginAsync(car, "other", "hurt, does not speak")).StatusCode);
    }

    [Fact]
    public async Task Who_is_wanted_is_not_looked_for_with_the_lower_limit()
    {
        await using BenchCar car = await ReadyAsync();
        Assert.True(car.TakeFaces(Wanted).Accepted);
        await using FakeEyes eyes = await car.EyesAsync();
        await Eventually.HoldsAsync(() => eyes.Seeing.Faces, "matching");
        _ = await BeginAsync(car, "ill");
        await SeeAsync(car, eyes, Alike(car, TestLists.Template(2)), v => v.VisitId = "alike");
        Assert.Equal("unlike", await OutcomeAsync(car, "alike"));
        Assert.Equal(0, car.Get<AlertBook>().Counts.HitsFace);
    }

    // Of few, both limits are the least that was measured.
    private static void SomeMissing(Watchlist list)
    {
        list.SizeCap = Missing;
        for (int i = 1; i < Missing; i++)
            list.Faces.Add(new FaceEntry { EntryId = $"f{i + 1}", SubjectReference = $"case {i + 7}", Template = TestLists.Template(1000 + i) });
    }

    private static void Wanted(Watchlist list)
    {
        (list.ListId, list.Category) = ("wanted-1", ListCategory.WantedWarrant);
        list.Faces[0].Minor = false;
        list.Faces[0].Template = TestLists.Template(2);
    }

    private static async Task<BenchCar> ReadyAsync()
    {
        BenchCar car = await BenchCar.StartAsync();
        Assert.True(car.TakeFaces(SomeMissing).Accepted);
        _ = await car.SignInAsync();
        return car;
    }

    // Between the two limits: not enough for a passer-by, enough for somebody who was pointed out.
    private static ByteString Alike(BenchCar car, ByteString listed)
    {
        AlertOptions options = car.Get<CarOptions>().Alerts;
        var thresholds = car.Get<FaceThresholds>();
        float ordinary = thresholds.ForVisits(options.FaceFalseAlertsPer1000Visits, car.Get<WatchlistLibrary>().Current.Faces.Count);
        float assisted = thresholds.ForVisits(options.FaceAssistFalseAlertsPer1000Checks, Missing);
        Assert.True(assisted < ordinary - 0.01, $"{assisted} against {ordinary}");
        float cosine = (ordinary + assisted) / 2;
        float[] one = MemoryMarshal.Cast<byte, float>(listed.Span).ToArray(), other = MemoryMarshal.Cast<byte, float>(TestLists.Template(77).Span).ToArray();
        float along = one.Zip(other, (a, b) => a * b).Sum();
        float[] across = [.. one.Zip(other, (a, b) => b - along * a)];
        float length = MathF.Sqrt(across.Sum(v => v * v)), rest = MathF.Sqrt(1 - cosine * cosine) / length;
        return ByteString.CopyFrom(MemoryMarshal.AsBytes([.. one.Zip(across, (a, b) => cosine * a + rest * b)]));
    }

    private static async Task SeeAsync(BenchCar car, FakeEyes eyes, ByteString face, Action<EdgeAgent.Eyes.V1.FaceVisit>? change = null)
    {
        long before = car.Get<Matcher>().Compared;
        await eyes.SeeFaceAsync(face, car.Model, change);
        await Eventually.HoldsAsync(() => car.Get<Matcher>().Compared > before, "it was compared");
    }

    private static async Task<JsonNode?> NowAsync(BenchCar car) => (await car.JsonAsync("/api/assist"))["assist"];

    private static async Task<JsonNode[]> ViewsAsync(BenchCar car) => [.. (await NowAsync(car))!["views"]!.AsArray().Select(v => v!)];

    private static Task<HttpResponseMessage> BeginAsync(BenchCar car, string reason, string words = "") => car.Http.PostAsJsonAsync("/api/assist", new { reason, words });

    private static Task<HttpResponseMessage> CheckAsync(BenchCar car, string visitId) => car.Http.PostAsJsonAsync("/api/assist/check", new { visitId });

    private static async Task<string> OutcomeAsync(BenchCar car, string visitId) => (string)(await JsonOf(await CheckAsync(car, visitId)))["outcome"]!;

    private static Task<JsonNode> JsonOf(HttpResponseMessage answer) => LookUpPageBench.JsonOf(answer);

    private static Task<(HttpStatusCode Status, string Code)> CodeAsync(HttpResponseMessage answer) => LookUpPageBench.CodeAsync(answer);
}
