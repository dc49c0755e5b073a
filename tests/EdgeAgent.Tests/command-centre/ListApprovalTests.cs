using System.Diagnostics;
using System.Text;
using System.Text.Json;
using EdgeAgent.CommandCentre.Cli;
using EdgeAgent.CommandCentre.Identity;
using EdgeAgent.CommandCentre.Lists;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
using EdgeAgent.Tests.Support;
using Google.Protobuf;
using Grpc.Core;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.CommandCentre;

/// <summary>A list goes to the cars when two persons who wrote nothing of it have signed it with keys that only they can open.</summary>
public sealed class ListApprovalTests
{
    private static readonly ListDraft Stolen = CentreUnderTest.PlateDraft("stolen", "京A12345", "京B55555");

    [Fact]
    public async Task A_list_that_two_others_approved_is_in_force_and_a_car_fetches_and_accepts_it_within_seconds()
    {
        await using var bench = await DraftBench.StartAsync("li", "wang", "zhao");
        bench.WithoutBenchKeys();
        using var car = await bench.Centre.EnrolAsync("PB-1");
        using var session = await car.ConnectAsync();
        var id = await bench.SubmittedAsync("li", Stolen);
        Assert.Equal("", await bench.ApproveAsync("wang", id));
        Assert.Equal(0, bench.VersionInForce("stolen"));
        var start = Stopwatch.GetTimestamp();
        Assert.Equal("", await bench.ApproveAsync("zhao", id));
        _ = await session.CommandAsync(Command.BodyOneofCase.ListsChanged);
        var envelope = await FetchAsync(car, "stolen", 1);
        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, TimeSpan.FromSeconds(5));
        var verdict = WatchlistVerifier.Verify(envelope, car.ListTrust, new ListCheck { NowUnixMs = Now() });
        Assert.True(verdict.Accepted, verdict.SentenceEn);
        Assert.Equal(["京A12345", "京B55555"], verdict.List!.Plates.Select(plate => plate.Plate));
        Assert.Equal(["wang", "zhao"], SignersOf(envelope));
        var audit = bench.Centre.Audit();
        foreach (var act in (string[])["li draft_made", "li draft_submitted", "wang draft_approved", "zhao draft_approved", "zhao draft_issued", "zhao list_issued"])
            Assert.Single(audit, row => row.StartsWith(act, StringComparison.Ordinal));
        var history = await bench.GetAsync("li", "/api/admin/lists/stolen/history");
        Assert.Equal(["made", "submitted", "approved", "approved", "list_issued"], history.AsArray().Select(step => (string)step!["act"]!));
    }

    [Fact]
    public async Task Nobody_approves_what_they_wrote_and_nobody_counts_twice()
    {
        await using var bench = await DraftBench.StartAsync("li", "wang", "zhao");
        var (id, _) = await bench.DraftAsync("li", Stolen);
        Assert.Equal("draft_not_submitted", await bench.ApproveAsync("wang", id));
        Assert.Equal("", await bench.ActAsync("wang", $"/api/admin/drafts/{id}", new { draft = JsonSerializer.Deserialize<JsonElement>(Stolen.ToJson()) }));
        Assert.Equal("", await bench.SubmitAsync("li", id));
        Assert.Equal("own_draft", await bench.ApproveAsync("li", id));
        Assert.Equal("own_draft", await bench.ApproveAsync("wang", id));
        Assert.Equal("", await bench.ApproveAsync("zhao", id));
        Assert.Equal("approved_already", await bench.ApproveAsync("zhao", id));
        Assert.Equal("no_approver_key", await bench.ApproveAsync("root", id));
        Assert.Equal(0, bench.VersionInForce("stolen"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task In_whatever_order_people_act_no_list_is_issued_by_fewer_than_two_who_did_not_write_it(int seed)
    {
        string[] people = ["li", "wang", "zhao", "chen"];
        await using var bench = await DraftBench.StartAsync(people);
        bench.WithoutBenchKeys();
        var random = new Random(seed);
        var (id, _) = await bench.DraftAsync("li", Stolen);
        var (writers, approvers, issued) = (new HashSet<string> { "li" }, new HashSet<string>(), false);
        for (var act = 0; act < 14 && !issued; act++)
        {
            var person = people[random.Next(people.Length)];
            switch (random.Next(8))
            {
                case 0 when await bench.ActAsync(person, $"/api/admin/drafts/{id}", new { draft = JsonSerializer.Deserialize<JsonElement>(Stolen.ToJson()) }) == "":
                    _ = writers.Add(person);
                    approvers.Clear();
                    break;
                case 1 or 2 when await bench.SubmitAsync(person, id) == "":
                    _ = writers.Add(person);
                    break;
                case 3 when await bench.ActAsync(person, $"/api/admin/drafts/{id}/reject", new { reason = "not yet" }) == "":
                    approvers.Clear();
                    break;
                case > 3 when await bench.ApproveAsync(person, id) == "":
                    Assert.DoesNotContain(person, writers);
                    Assert.True(approvers.Add(person), $"seed {seed}: {person} counted twice");
                    break;
                default:
                    break;
            }
            issued = bench.VersionInForce("stolen") > 0;
            Assert.Equal(approvers.Count >= 2, issued);
        }
        using var open = new OpenCentre(bench.Centre.Data);
        Assert.Equal(issued, open.Lists.InForce("stolen", Now()) is not null);
    }

    [Fact]
    public async Task A_key_opens_for_its_own_person_alone_and_guessing_is_slowed_down_and_written_down()
    {
        await using var bench = await DraftBench.StartAsync("li", "wang", "zhao");
        var id = await bench.SubmittedAsync("li", Stolen);
        Assert.Equal("wrong_passphrase", await bench.ApproveAsync("wang", id, DraftBench.PassphraseOf("zhao")));
        // Somebody with the database puts another person's box in their own row.
        using (var open = new OpenCentre(bench.Centre.Data))
        {
            _ = open.Database.Write(transaction => Dapper.SqlMapper.Execute(
                transaction.Connection!, "UPDATE approver_keys SET (salt, box, certificate) = (SELECT salt, box, certificate FROM approver_keys WHERE account = 'zhao') WHERE account = 'wang'", transaction: transaction));
        }
        Assert.Equal("wrong_passphrase", await bench.ApproveAsync("wang", id, DraftBench.PassphraseOf("zhao")));
        for (var guess = 0; guess < 3; guess++)
            Assert.Equal("wrong_passphrase", await bench.ApproveAsync("wang", id, $"guess number {guess}"));
        Assert.Equal("too_many_attempts", await bench.ApproveAsync("wang", id));
        Assert.Equal(5, bench.Centre.Audit().Count(row => row.StartsWith("wang approval_refused wrong_passphrase", StringComparison.Ordinal)));
        Assert.Equal(0, bench.VersionInForce("stolen"));
    }

    [Fact]
    public async Task Nobody_certifies_their_own_key_and_an_uncertified_or_taken_key_approves_nothing()
    {
        await using var bench = await DraftBench.StartAsync("li", "wang", "zhao");
        await bench.AddAsync("chen", "supervisor");
        Assert.Equal("", await bench.ActAsync("root", "/api/admin/approvers/own", new { passphrase = "a long passphrase" }));
        Assert.Equal("own_key", await bench.ActAsync("root", "/api/admin/approvers/root/certify", new { }));
        Assert.Equal("bad_passphrase", await bench.ActAsync("chen", "/api/admin/approvers/own", new { passphrase = "short" }));
        Assert.Equal("not_allowed", await bench.ActAsync("chen", "/api/admin/approvers/root/certify", new { }));
        var id = await bench.SubmittedAsync("li", Stolen);
        Assert.Equal("approver_key_not_certified", await bench.ApproveAsync("root", id, "a long passphrase"));
        Assert.Equal("", await bench.ApproveAsync("wang", id));
        // Wang's key is taken away before the second approval: what it signed counts for nothing.
        Assert.Equal("", await bench.ActAsync("root", "/api/admin/approvers/wang/remove", new { reason = "left the service" }));
        Assert.Equal("", await bench.ApproveAsync("zhao", id));
        Assert.Equal(0, bench.VersionInForce("stolen"));
        using var other = ListCertificates.CreateRoot("another root", TimeProvider.System.GetUtcNow(), TimeProvider.System.GetUtcNow().AddDays(1));
        using var forged = ApproverKeys.Issue(Key(bench, "root"), other, TimeProvider.System, TimeSpan.FromDays(1));
        await bench.AddAsync("second", "admin");
        Assert.Equal("unknown_root", await bench.ActAsync("second", "/api/admin/approvers/root/certify", new { certificatePem = forged.ExportCertificatePem() }));
    }

    [Fact]
    public async Task All_that_is_wrong_with_a_draft_is_told_at_once_and_the_draft_is_kept()
    {
        await using var bench = await DraftBench.StartAsync("li");
        var wrong = Stolen with
        {
            Category = "",
            LegalReference = "",
            ValidHours = 0,
            Units = ["PB-9"],
            Entries = [new EntryDraft { EntryId = "e1", Plate = "京A12345" }, new EntryDraft { EntryId = "e1", Plate = "京A·12345" }, new EntryDraft { EntryId = "e 2", Plate = "", PlateClass = "pink" }, new EntryDraft { EntryId = "e3", Plate = "京C00001", Canary = true }],
        };
        var (id, problems) = await bench.DraftAsync("li", wrong);
        Assert.Equal(
            ["bad_entry_id", "bad_valid_hours", "canary_here", "entry_twice", "no_category", "no_legal_reference", "no_plate", "no_plate_class", "plate_twice", "unknown_unit"],
            problems.Select(problem => (string)problem!["code"]!).Order());
        Assert.All(problems, problem => Assert.True(((string)problem!["zh"]!).Length > 0 && ((string)problem["en"]!).Length > 0));
        Assert.Equal("draft_has_problems", await bench.SubmitAsync("li", id));
        var kept = await bench.GetAsync("li", $"/api/admin/drafts/{id}");
        Assert.Equal(4, kept["list"]!["entries"]!.AsArray().Count);
        Assert.Contains(bench.Centre.Audit(), row => row.StartsWith($"li draft_read {id} stolen", StringComparison.Ordinal));
        var (_, json) = await bench.PostAsync("li", "/api/admin/drafts", new { draft = new { listId = "x", plates = 3 } });
        Assert.Equal("draft_unreadable", (string?)json!["code"]);
    }

    [Fact]
    public async Task A_change_and_an_extension_reach_a_car_as_a_delta_and_their_writer_reads_no_entry()
    {
        await using var bench = await DraftBench.StartAsync("li", "wang", "zhao");
        using var car = await bench.Centre.EnrolAsync("PB-1");
        await IssueAsync(bench, CentreUnderTest.PlateDraft("stolen", [.. Enumerable.Range(0, 60).Select(n => $"京A{10000 + n}")]));
        var change = new ListDraft { ListId = "stolen", ValidHours = 48, Entries = [new EntryDraft { EntryId = "new", Plate = "京C77777" }] };
        var id = await bench.SubmittedAsync("li", change, based: true, "e1");
        var read = await bench.GetAsync("wang", $"/api/admin/drafts/{id}");
        Assert.Equal(["new"], read["list"]!["entries"]!.AsArray().Select(entry => (string)entry!["entryId"]!));
        Assert.Equal("", await bench.ApproveAsync("wang", id));
        Assert.Equal("", await bench.ApproveAsync("zhao", id));
        var index = await new Watchlists.WatchlistsClient(car.Channel).IndexAsync(new ListIndexRequest());
        var delta = Assert.Single(index.Offers, offer => offer.DeltaFromVersion == 1);
        var bytes = await FetchAsync(car, "stolen", 2, from: 1);
        Assert.True(WatchlistVerifier.Verify(bytes, car.ListTrust, new ListCheck { NowUnixMs = Now(), HeldVersion = 1 }).Accepted);
        Assert.Equal((2UL, (ulong)bytes.Length), (delta.Version, delta.SizeBytes));
        var whole = WatchlistVerifier.Verify(await FetchAsync(car, "stolen", 2), car.ListTrust, new ListCheck { NowUnixMs = Now() });
        Assert.Equal(60, whole.List!.Plates.Count);
        Assert.DoesNotContain(whole.List.Plates, plate => plate.EntryId == "e1");
        var (_, problems) = await bench.DraftAsync("li", change with { Entries = [] }, based: true, "nothing");
        Assert.Equal(["unknown_entry"], problems.Select(problem => (string)problem!["code"]!));
    }

    [Fact]
    public async Task One_person_takes_a_list_or_an_entry_back_at_once_with_a_reason_and_typed_words()
    {
        await using var bench = await DraftBench.StartAsync("li", "wang", "zhao");
        using var car = await bench.Centre.EnrolAsync("PB-1");
        using var session = await car.ConnectAsync();
        await IssueAsync(bench, Stolen);
        Assert.Equal("reason_required", await bench.ActAsync("li", "/api/admin/lists/stolen/entries/e0/revoke", new { typed = "e0" }));
        Assert.Equal("typed_wrong", await bench.ActAsync("li", "/api/admin/lists/stolen/entries/e0/revoke", new { reason = "found", typed = "e1" }));
        Assert.Equal("", await bench.ActAsync("li", "/api/admin/lists/stolen/entries/e0/revoke", new { reason = "vehicle found", typed = "e0" }));
        var entry = await session.CommandAsync(Command.BodyOneofCase.RevokeList);
        Assert.Equal(("stolen", "e0"), (entry.RevokeList.ListId, Assert.Single(entry.RevokeList.EntryIds)));
        // A later version cannot bring it back, and an unchanged one leaves it out.
        var (_, problems) = await bench.DraftAsync("li", new ListDraft { ListId = "stolen", Entries = [new EntryDraft { EntryId = "e0", Plate = "京A12345" }] }, based: true);
        Assert.Equal(["entry_revoked"], problems.Select(problem => (string)problem!["code"]!));
        var start = Stopwatch.GetTimestamp();
        Assert.Equal("", await bench.ActAsync("li", "/api/admin/lists/stolen/revoke", new { reason = "order withdrawn", typed = "stolen" }));
        var whole = await session.NextAsync(message => message.Command?.RevokeList is { EntryIds.Count: 0 });
        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, TimeSpan.FromSeconds(2));
        Assert.Equal("order withdrawn", whole.Command.RevokeList.Reason);
        Assert.Equal("list_revoked", await bench.ActAsync("li", "/api/admin/lists/stolen/revoke", new { reason = "once more", typed = "stolen" }));
        Assert.Contains("li list_revoked stolen order withdrawn", bench.Centre.Audit());
    }

    [Fact]
    public async Task What_a_draft_says_is_sealed_and_gone_from_its_row_once_it_is_in_force()
    {
        await using var bench = await DraftBench.StartAsync("li", "wang", "zhao");
        var id = await bench.SubmittedAsync("li", Stolen);
        await bench.Centre.StopServerAsync();
        var found = Directory.EnumerateFiles(bench.Centre.Data, "centre.db*").Any(file => File.ReadAllBytes(file).AsSpan().IndexOf(Encoding.UTF8.GetBytes("京B55555")) >= 0);
        Assert.False(found);
        await bench.Centre.StartServerAsync();
        using var open = new OpenCentre(bench.Centre.Data);
        Assert.NotNull(new DraftTable(open.Database, open.Sealing).Written(Uuid7.ToBytes(id)));
        foreach (var person in (string[])["wang", "zhao"])
        {
            using var again = await ConsoleClient.SignedInAsync(bench.Centre.Http, person);
            Assert.Equal(System.Net.HttpStatusCode.OK, (await again.PostAsync($"/api/admin/drafts/{id}/approve", $$"""{"passphrase":"{{DraftBench.PassphraseOf(person)}}"}""")).Status);
        }
        Assert.Equal(1, bench.VersionInForce("stolen"));
        Assert.Null(new DraftTable(open.Database, open.Sealing).Written(Uuid7.ToBytes(id)));
    }

    [SharedDataFact("data/faces-lfw")]
    public async Task Faces_come_as_pictures_are_approved_by_two_and_stay_with_their_templates_when_the_list_is_extended()
    {
        Environment.SetEnvironmentVariable(EdgeAgent.Vision.Inference.ModelStore.DirectoryVariable, Path.Combine(Repository.Root, "models"));
        await using var bench = await DraftBench.StartAsync("li", "wang", "zhao");
        using var car = await bench.Centre.EnrolAsync("PB-1");
        var picture = Directory.GetFiles(Directory.GetDirectories(SharedData.At("data/faces-lfw")).Order(StringComparer.Ordinal).First()).Order(StringComparer.Ordinal).First();
        var missing = new ListDraft
        {
            ListId = "missing",
            Kind = "faces",
            Category = "missing_or_vulnerable",
            TitleZh = "走失人员",
            TitleEn = "Missing people",
            Authority = "Test bureau",
            LegalReference = "T-2026-2",
            Purpose = "find a missing person",
            Source = "family",
            FaceAuthorisation = new FaceAuthorisationDraft { AuthorisedBy = "Test bureau", Reference = "F-1", Purpose = "find a missing person" },
            Entries = [new EntryDraft { EntryId = "m1", SubjectReference = "MP-1", Picture = $"data:image/jpeg;base64,{Convert.ToBase64String(await File.ReadAllBytesAsync(picture))}" }],
        };
        var (bad, _) = await bench.DraftAsync("li", missing with { Entries = [missing.Entries[0] with { Picture = "data:image/jpeg;base64,AAAA" }] });
        var (_, refused) = await bench.PostAsync("li", $"/api/admin/drafts/{bad}/submit", new { reason = "order 17" });
        Assert.Equal("list_refused", (string?)refused!["code"]);
        Assert.Contains("m1", (string?)refused["detail"], StringComparison.Ordinal);
        await IssueAsync(bench, missing);
        var first = WatchlistVerifier.Verify(await FetchAsync(car, "missing", 1), car.ListTrust, new ListCheck { NowUnixMs = Now() });
        Assert.True(first.Accepted, first.SentenceEn);
        await IssueAsync(bench, new ListDraft { ListId = "missing", ValidHours = 12 }, based: true);
        var second = WatchlistVerifier.Verify(await FetchAsync(car, "missing", 2), car.ListTrust, new ListCheck { NowUnixMs = Now() });
        Assert.True(second.Accepted, second.SentenceEn);
        Assert.Equal(first.List!.Faces[0].Template, Assert.Single(second.List!.Faces).Template);
        Assert.Empty(Directory.GetFiles("/dev/shm", "centre-*"));
    }

    private static async Task IssueAsync(DraftBench bench, ListDraft draft, bool based = false)
    {
        var id = await bench.SubmittedAsync("li", draft, based);
        Assert.Equal("", await bench.ApproveAsync("wang", id));
        Assert.Equal("", await bench.ApproveAsync("zhao", id));
    }

    private static ApproverKey Key(DraftBench bench, string person)
    {
        using var open = new OpenCentre(bench.Centre.Data);
        return new ApproverKeys(open.Database).Find(person)!;
    }

    private static IEnumerable<string> SignersOf(byte[] envelope) => SignedEnvelope.Parser.ParseFrom(envelope).Signatures.Where(signature => signature.Role == SignerRole.Approver)
        .Select(signature => System.Security.Cryptography.X509Certificates.X509CertificateLoader.LoadCertificate(signature.Certificates[0].Span).GetNameInfo(System.Security.Cryptography.X509Certificates.X509NameType.SimpleName, false)).Order();

    private static async Task<byte[]> FetchAsync(RawCar car, string listId, ulong version, ulong from = 0)
    {
        using var call = new Watchlists.WatchlistsClient(car.Channel).Fetch(new FetchListRequest { ListId = listId, Version = version, DeltaFromVersion = from });
        using var bytes = new MemoryStream();
        while (await call.ResponseStream.MoveNext(CancellationToken.None))
            call.ResponseStream.Current.Data.WriteTo(bytes);
        return bytes.ToArray();
    }

    private static long Now() => TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
}
