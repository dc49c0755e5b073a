using EdgeAgent.Chaos.Sitter;
using EdgeAgent.CommandCentre.Cli;
using EdgeAgent.CommandCentre.Lists;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
using EdgeAgent.Hw.Frames;
using EdgeAgent.Hw.Jpeg;
using EdgeAgent.Tests.Support;
using EdgeAgent.Vision.Inference;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.CommandCentre;

/// <summary>Officers' faces at the centre: enrolled with consent, withdrawn at once, and what they are worth at sign-in, by two people.</summary>
public sealed class OfficerFaceTests
{
    private const string Officer = "010001", Faces = $"/api/admin/rosters/PB-1/officers/{Officer}/faces";

    static OfficerFaceTests() => Environment.SetEnvironmentVariable(ModelStore.DirectoryVariable, Path.Combine(Repository.Root, "models"));

    private static readonly Lazy<string[]> Pictures = new(() =>
    {
        using var seat = new Seat(Seat.Open(FreePicture.Hopper), seed: 1);
        return [.. seat.EnrolmentPictures(seed: 1).Select(Convert.ToBase64String)];
    });

    [FreePictureFact]
    public async Task A_face_is_enrolled_with_consent_goes_out_in_the_signed_roster_and_out_of_every_car_when_it_is_withdrawn()
    {
        await using var bench = await WithOfficerAsync("PB-1", "PB-2");
        Assert.Equal("consent_required", await bench.ActAsync("li", Faces, new { pictures = Pictures.Value, consent = false }));
        Assert.Equal("unknown_officer", await bench.ActAsync("li", "/api/admin/rosters/PB-1/officers/nobody/faces", new { pictures = Pictures.Value, consent = true }));
        foreach (var unit in (string[])["PB-1", "PB-2"])
            Assert.Equal("", await bench.ActAsync("li", $"/api/admin/rosters/{unit}/officers/{Officer}/faces", new { pictures = Pictures.Value, consent = true }));
        var officer = Sent(bench, "PB-1").Officers.Single();
        Assert.Equal((4, "li"), (officer.Faces.Count, officer.FaceConsent.RecordedBy));
        Assert.True(EdgeAgent.Agent.Officers.Face.OfficerFaces.AreUsable([officer]));
        Assert.Contains($"li officer_face_enrolled PB-1 {Officer} 4 pictures, with consent", bench.Centre.Audit());
        // A new name or PIN is no withdrawal.
        Assert.Equal("", await bench.ActAsync("li", "/api/admin/rosters/PB-1/officers", new { officerId = Officer, name = "张四", pin = "739155" }));
        Assert.Equal(4, Sent(bench, "PB-1").Officers.Single().Faces.Count);
        Assert.Equal("", await bench.ActAsync("li", $"/api/admin/officers/{Officer}/faces/withdraw", new { }));
        foreach (var unit in (string[])["PB-1", "PB-2"])
            Assert.True(Sent(bench, unit).Officers.Single() is { Faces.Count: 0, FaceConsent: null });
        Assert.Equal("unknown_officer", await bench.ActAsync("li", $"/api/admin/officers/{Officer}/faces/withdraw", new { }));
    }

    [FreePictureFact]
    public async Task Pictures_that_cannot_be_used_are_refused_with_which_one_and_why_and_change_nothing()
    {
        await using var bench = await WithOfficerAsync("PB-1");
        string[] good = Pictures.Value;
        using var codec = new JpegCodec();
        string empty = Convert.ToBase64String(codec.Encode(new BgrView(new byte[3 * 480 * 270], 480, 270, 3 * 480), 90));
        foreach (var (pictures, why, picture, other) in new (string[], string, int, int)[]
        {
            (good[..2], "number", 0, 0), ([.. good, .. good[..2]], "number", 0, 0), ([good[0], empty, good[1]], "no_face", 2, 0),
            ([good[0], good[1], "bm8gcGljdHVyZQ=="], "unreadable", 3, 0), ([good[0], good[1], good[0]], "same_picture", 3, 1),
        })
        {
            var (_, refused) = await bench.PostAsync("li", Faces, new { pictures, consent = true });
            Assert.Equal(("bad_pictures", why, picture, other), ((string)refused!["code"]!, (string)refused["why"]!, (int)refused["picture"]!, (int)refused["other"]!));
        }
        Assert.Empty(Sent(bench, "PB-1").Officers.Single().Faces);
    }

    [Theory]
    [InlineData(CentreStore.Sqlite)]
    [InlineData(CentreStore.Postgres)]
    public async Task What_a_face_is_worth_is_proposed_by_one_person_and_approved_by_another_and_never_all(CentreStore store)
    {
        await using var bench = await WithOfficerAsync(store, "PB-1");
        var path = "/api/admin/face-login";
        Assert.Equal(("with_pin", FaceLogin.WithPin), ((string)(await bench.GetAsync("li", path))["current"]!, Sent(bench, "PB-1").FaceLogin));
        Assert.Equal("face_unproven", await bench.ActAsync("li", path, new { mode = "alone", reason = "quicker so" }));
        Assert.Equal("bad_face_login", await bench.ActAsync("li", path, new { mode = "sometimes", reason = "quicker so" }));
        Assert.Equal("reason_required", await bench.ActAsync("li", path, new { mode = "off", reason = "" }));
        var (_, made) = await bench.PostAsync("li", path, new { mode = "off", reason = "cab cameras are changed" });
        var id = (Guid)made!["proposalId"]!;
        Assert.Equal("own_proposal", await bench.ActAsync("li", $"{path}/{id}/approve", new { password = CentreUnderTest.Password }));
        Assert.Equal("wrong_password", await bench.ActAsync("wang", $"{path}/{id}/approve", new { password = "guess" }));
        Assert.Equal("unknown_proposal", await bench.ActAsync("wang", $"/api/admin/policies/{id}/approve", new { password = CentreUnderTest.Password }));
        Assert.Equal(FaceLogin.WithPin, Sent(bench, "PB-1").FaceLogin);
        Assert.Equal("", await bench.ActAsync("wang", $"{path}/{id}/approve", new { password = CentreUnderTest.Password }));
        Assert.Equal(("off", FaceLogin.Off), ((string)(await bench.GetAsync("li", path))["current"]!, Sent(bench, "PB-1").FaceLogin));
        Assert.Equal("proposal_closed", await bench.ActAsync("wang", $"{path}/{id}/reject", new { reason = "too late" }));
        Assert.Contains($"wang face_login_approved {id} off cab cameras are changed", bench.Centre.Audit());
        var (_, back) = await bench.PostAsync("wang", path, new { mode = "with_pin", reason = "cameras are in" });
        Assert.Equal("", await bench.ActAsync("li", $"{path}/{(Guid)back!["proposalId"]!}/approve", new { password = CentreUnderTest.Password }));
        Assert.Equal(FaceLogin.WithPin, Sent(bench, "PB-1").FaceLogin);
    }

    [FreePictureFact]
    public async Task Where_faces_are_off_no_roster_carries_one_and_they_are_back_when_they_are_allowed_again()
    {
        await using var bench = await WithOfficerAsync("PB-1");
        Assert.Equal("", await bench.ActAsync("li", Faces, new { pictures = Pictures.Value, consent = true }));
        await SetAsync("off");
        Assert.True(Sent(bench, "PB-1").Officers.Single() is { Faces.Count: 0, FaceConsent: null });
        await SetAsync("with_pin");
        Assert.Equal(4, Sent(bench, "PB-1").Officers.Single().Faces.Count);

        async Task SetAsync(string mode)
        {
            var (_, made) = await bench.PostAsync("li", "/api/admin/face-login", new { mode, reason = "a reason" });
            Assert.Equal("", await bench.ActAsync("wang", $"/api/admin/face-login/{(Guid)made!["proposalId"]!}/approve", new { password = CentreUnderTest.Password }));
        }
    }

    private static Task<DraftBench> WithOfficerAsync(params string[] units) => WithOfficerAsync(CentreUnderTest.UsualStore, units);

    private static async Task<DraftBench> WithOfficerAsync(CentreStore store, params string[] units)
    {
        var bench = await DraftBench.StartOnAsync(store, "li", "wang");
        foreach (var unit in units)
        {
            (await bench.Centre.EnrolAsync(unit)).Dispose();
            Assert.Equal("", await bench.ActAsync("li", $"/api/admin/rosters/{unit}/officers", new { officerId = Officer, name = "张三", pin = "739154" }));
        }
        return bench;
    }

    /// <summary>The newest roster that waits for a car.</summary>
    private static OfficerRoster Sent(DraftBench bench, string unitId)
    {
        using var open = new OpenCentre(bench.Centre.Data);
        var newest = open.Commands.Open(unitId, OpenCentre.Now).Last(command => command.BodyCase == Command.BodyOneofCase.Officers);
        return OfficerRoster.Parser.ParseFrom(newest.Officers.Payload);
    }
}
