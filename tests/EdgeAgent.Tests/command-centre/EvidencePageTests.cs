using System.IO.Compression;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using EdgeAgent.CommandCentre.Exhibits;
using EdgeAgent.CommandCentre.Identity;
using EdgeAgent.CommandCentre.Retention;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.CommandCentre;

/// <summary>Evidence: found by when, where and what within a district, opened, held, exported with its custody, each of it written down.</summary>
public sealed class EvidencePageTests
{
    [Fact]
    public async Task A_moment_that_an_officer_marked_is_found_by_its_district_with_its_video()
    {
        await using var bench = await EvidenceBench.StartAsync();
        var car = await bench.CarAsync("PB-1", "east");
        bench.Centre.AddAccount("far", "dispatcher", district: "west");
        var console = await bench.ConsoleAsync();
        using var session = await car.ConnectAsync();
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        var bad = RawCar.Event(Lane.Evidence, 50, e => e.MomentMarked = new MomentMarked { CameraId = "cam1", FromUnixMs = 2, ToUnixMs = 1 });
        Assert.Equal("bad_moment", Assert.Single(await session.StoreAsync(bad)).Code);
        var moment = RawCar.Event(Lane.Evidence, 51, e => (e.OfficerId, e.MomentMarked) = ("010001", new MomentMarked { CameraId = "cam3", FromUnixMs = now - 19_000, ToUnixMs = now }));
        Assert.Equal(AckStatus.Stored, Assert.Single(await session.StoreAsync(moment)).Status);
        Assert.Equal(AckStatus.Duplicate, Assert.Single(await session.StoreAsync(moment)).Status);
        var found = Assert.Single((await EvidenceBench.SearchAsync(console)).Json!["found"]!.AsArray());
        Assert.Equal((Uuid7.ToGuid(moment.Id.Span).ToString(), "clip", "cam3", "010001", "expected"), ((string)found!["id"]!, (string)found["kind"]!, (string)found["cameraId"]!, (string)found["madeBy"]!, (string)found["fileState"]!));
        await bench.ClipAsync(car, session, moment.Id, [1, 2, 3]);
        Assert.Equal("here", (string)Assert.Single((await EvidenceBench.SearchAsync(console)).Json!["found"]!.AsArray())!["fileState"]!);
        Assert.Empty(await EvidenceBench.FoundAsync(await bench.ConsoleAsync("far")));
    }

    [Fact]
    public async Task Evidence_is_found_by_kind_unit_place_and_time_and_the_list_names_no_plate()
    {
        await using var bench = await EvidenceBench.StartAsync();
        var car = await bench.CarAsync("PB-1");
        var other = await bench.CarAsync("PB-2");
        var console = await bench.ConsoleAsync();
        var (first, second) = (await bench.AlertAsync(car), await bench.AlertAsync(other, RandomNumberGenerator.GetBytes(1000)));
        var still = await StillAsync(bench, "PB-1", "J-2026-000017");

        Assert.Equal(new[] { $"{first}", $"{second}", $"{still}" }.Order(), (await EvidenceBench.FoundAsync(console)).Order());
        Assert.Equal([$"{still}"], await EvidenceBench.FoundAsync(console, new() { ["kinds"] = new JsonArray("snapshot") }));
        Assert.Equal([$"{second}"], await EvidenceBench.FoundAsync(console, new() { ["unitId"] = "PB-2" }));
        Assert.Equal([$"{still}"], await EvidenceBench.FoundAsync(console, new() { ["callNumber"] = "j-2026-000017" }));
        JsonObject Near(double latitude) => new() { ["near"] = new JsonObject { ["latitude"] = latitude, ["longitude"] = 116.4, ["radiusMetres"] = 500 }, ["unitId"] = "PB-2" };
        Assert.Equal([$"{second}"], await EvidenceBench.FoundAsync(console, Near(39.903)));
        Assert.Empty(await EvidenceBench.FoundAsync(console, Near(39.91)));
        Assert.Empty(await EvidenceBench.FoundAsync(console, new() { ["fromUnixMs"] = 1, ["toUnixMs"] = 2 }));

        var (_, json) = await EvidenceBench.SearchAsync(console);
        Assert.DoesNotContain("12345", json!.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal("here", (string)json["found"]!.AsArray().First(found => (string)found!["id"]! == $"{second}")!["fileState"]!);
        Assert.Contains(bench.Centre.Audit(), row => row == "dispatcher evidence_searched 3 found console");
        foreach (var (more, code) in ((JsonObject, string)[])[
            (new() { ["toUnixMs"] = 0 }, "bad_search_span"), (new() { ["kinds"] = new JsonArray("face") }, "bad_search"),
            (new() { ["near"] = new JsonObject { ["latitude"] = 91, ["longitude"] = 0, ["radiusMetres"] = 100 } }, "bad_place")])
            Assert.Equal((HttpStatusCode.BadRequest, code), await CodeAsync(EvidenceBench.SearchAsync(console, more)));
    }

    [Fact]
    public async Task A_plate_is_looked_for_only_with_a_purpose_which_is_in_the_audit_without_the_plate()
    {
        await using var bench = await EvidenceBench.StartAsync();
        var id = await bench.AlertAsync(await bench.CarAsync("PB-1"));
        var console = await bench.ConsoleAsync();
        Assert.Equal((HttpStatusCode.BadRequest, "purpose_required"), await CodeAsync(EvidenceBench.SearchAsync(console, new() { ["plate"] = "12345" })));
        Assert.Equal((HttpStatusCode.BadRequest, "plate_too_short"), await CodeAsync(EvidenceBench.SearchAsync(console, new() { ["plate"] = "12", ["purpose"] = "case 17" })));
        Assert.Equal([$"{id}"], await EvidenceBench.FoundAsync(console, new() { ["plate"] = "a1234", ["purpose"] = "case 17" }));
        Assert.Empty(await EvidenceBench.FoundAsync(console, new() { ["plate"] = "B9999", ["purpose"] = "case 17" }));
        Assert.Contains(bench.Centre.Audit(), row => row == "dispatcher evidence_searched_by_plate 1 found case 17");
        Assert.DoesNotContain(bench.Centre.Audit(), row => row.Contains("1234", StringComparison.Ordinal) && row.Contains("searched", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_district_finds_opens_holds_and_exports_nothing_of_another()
    {
        await using var bench = await EvidenceBench.StartAsync();
        var west = await bench.CarAsync("PB-W", "west");
        bench.Centre.AddAccount("east", "supervisor", district: "east");
        var id = await bench.AlertAsync(west, RandomNumberGenerator.GetBytes(1000));
        var still = await StillAsync(bench, "PB-W", "");
        var east = await bench.ConsoleAsync("east");
        Assert.Empty(await EvidenceBench.FoundAsync(east));
        foreach (var one in (Guid[])[id, still])
        {
            foreach (var path in (string[])[$"/api/evidence/{one}", $"/api/evidence/{one}/file", $"/api/evidence/{one}/custody"])
                Assert.Equal(HttpStatusCode.NotFound, await east.GetAsync(path));
            Assert.Equal(HttpStatusCode.NotFound, (await east.PostAsync($"/api/evidence/{one}/hold", """{"hold":true,"reason":"case 17"}""")).Status);
            Assert.Equal(HttpStatusCode.NotFound, (await east.PostAsync($"/api/evidence/{one}/export", """{"reason":"case 17"}""")).Status);
            Assert.Equal(HttpStatusCode.NotFound, (await east.PostAsync($"/api/evidence/{one}/redactions", """{"reason":"case 17"}""")).Status);
        }
        Assert.DoesNotContain(bench.Centre.Audit(), row => row.StartsWith("east ", StringComparison.Ordinal) && row.Contains($"{id}", StringComparison.Ordinal));
        using var stranger = new ConsoleClient(bench.Centre.Http);
        Assert.Equal(HttpStatusCode.Unauthorized, await stranger.GetAsync($"/api/evidence/{id}/file"));
    }

    [Fact]
    public async Task What_is_opened_is_in_the_audit_before_and_its_custody_lists_every_act_on_it()
    {
        await using var bench = await EvidenceBench.StartAsync();
        var clip = RandomNumberGenerator.GetBytes(200_000);
        var id = await bench.AlertAsync(await bench.CarAsync("PB-1"), clip);
        var (console, chief) = (await bench.ConsoleAsync(), await bench.ConsoleAsync("chief"));
        var told = JsonNode.Parse(await console.Http.GetStringAsync(new Uri($"/api/evidence/{id}", UriKind.Relative)))!;
        Assert.Equal(("alert", "here", "京A12345", true), ((string)told["kind"]!, (string)told["state"]!, (string)told["incident"]!["listedText"]!, (bool)told["incident"]!["signatureValid"]!));
        Assert.Equal(clip, await console.Http.GetByteArrayAsync(new Uri((string)told["fileUrl"]!, UriKind.Relative)));
        Assert.Equal(HttpStatusCode.NoContent, (await chief.PostAsync($"/api/evidence/{id}/hold", """{"hold":true,"reason":"case 17"}""")).Status);
        var custody = JsonNode.Parse(await chief.Http.GetStringAsync(new Uri($"/api/evidence/{id}/custody", UriKind.Relative)))!;
        Assert.Equal(
            [("dispatcher", "incident_read"), ("dispatcher", "evidence_file_read"), ("chief", "evidence_held"), ("chief", "custody_read")],
            custody["steps"]!.AsArray().Select(step => ((string)step!["actor"]!, (string)step["action"]!)));
        var origins = custody["origins"]!.AsArray();
        Assert.Equal(["AlertDecided", "EvidenceReady"], origins.Select(origin => Word((string)origin!["kind"]!)));
        Assert.True((bool)origins[0]!["signatureValid"]!);
        Assert.Equal("010001", (string)origins[0]!["officerId"]!);
    }

    [Fact]
    public async Task A_hold_needs_a_supervisor_and_a_reason_and_outlives_the_clock_of_a_still_until_it_is_released()
    {
        await using var bench = await EvidenceBench.StartAsync();
        var car = await bench.CarAsync("PB-1");
        var (console, chief) = (await bench.ConsoleAsync(), await bench.ConsoleAsync("chief"));
        var still = await StillAsync(bench, "PB-1", "");
        Assert.Equal((HttpStatusCode.Forbidden, "not_allowed"), await CodeAsync(console.PostAsync($"/api/evidence/{still}/hold", """{"hold":true,"reason":"case 17"}""")));
        Assert.Equal((HttpStatusCode.BadRequest, "reason_required"), await CodeAsync(chief.PostAsync($"/api/evidence/{still}/hold", """{"hold":true}""")));
        Assert.Equal(HttpStatusCode.NoContent, (await chief.PostAsync($"/api/evidence/{still}/hold", """{"hold":true,"reason":"case 17"}""")).Status);
        Assert.Equal((HttpStatusCode.Conflict, "held_already"), await CodeAsync(chief.PostAsync($"/api/evidence/{still}/hold", """{"hold":true,"reason":"case 17"}""")));
        Assert.Equal([$"{still}"], await EvidenceBench.FoundAsync(console, new() { ["heldOnly"] = true }));

        // Long past its clock.
        _ = bench.Centre.Get<CentreDatabase>().Write(t => Dapper.SqlMapper.Execute(t.Connection!, "UPDATE evidence SET stored_at = 1", transaction: t));
        _ = await bench.Centre.Get<RetentionSweep>().RunAsync();
        Assert.Equal(HttpStatusCode.OK, await console.GetAsync($"/api/evidence/{still}/file"));
        Assert.Equal(HttpStatusCode.NoContent, (await chief.PostAsync($"/api/evidence/{still}/hold", """{"hold":false,"reason":"case closed"}""")).Status);
        _ = await bench.Centre.Get<RetentionSweep>().RunAsync();
        Assert.Equal(HttpStatusCode.NotFound, await console.GetAsync($"/api/evidence/{still}/file"));
        Assert.Equal(("none", "expired"), (bench.Centre.Get<EvidenceItems>().Find(still)!.File.State, bench.Centre.Get<EvidenceItems>().Find(still)!.File.Reason));

        // Of an alert that an officer rejected nothing is kept on the word that it might be needed.
        var rejected = await bench.AlertAsync(car, null, d => (d.Verdict, d.Reason) = (Verdict.Rejected, "other"));
        Assert.Equal((HttpStatusCode.Conflict, "rejected_not_held"), await CodeAsync(chief.PostAsync($"/api/evidence/{rejected}/hold", """{"hold":true,"reason":"case 17"}""")));
        Assert.Equal((HttpStatusCode.Conflict, "nothing_to_export"), await CodeAsync(chief.PostAsync($"/api/evidence/{rejected}/export", """{"reason":"case 17"}""")));
    }

    [Fact]
    public async Task An_original_is_exported_by_a_supervisor_only_and_the_package_verifies_until_a_byte_of_it_is_another()
    {
        await using var bench = await EvidenceBench.StartAsync();
        var clip = RandomNumberGenerator.GetBytes(150_000);
        var id = await bench.AlertAsync(await bench.CarAsync("PB-1"), clip);
        var (console, chief) = (await bench.ConsoleAsync(), await bench.ConsoleAsync("chief"));
        Assert.Equal((HttpStatusCode.Forbidden, "original_not_allowed"), await CodeAsync(console.PostAsync($"/api/evidence/{id}/export", """{"reason":"for the court"}""")));
        Assert.Equal((HttpStatusCode.BadRequest, "reason_required"), await CodeAsync(chief.PostAsync($"/api/evidence/{id}/export", "{}")));
        var package = await ExportAsync(chief, id);
        Assert.Contains(bench.Centre.Audit(), row => row == $"chief evidence_exported {id} {Convert.ToHexStringLower(SHA256.HashData(package))} for the court");

        var centre = bench.Centre.Get<CentreSigner>().Certificate;
        Assert.Empty(PackageCheck.Problems(new MemoryStream(package), centre));
        using (var zip = new ZipArchive(new MemoryStream(package)))
        {
            Assert.Equal(clip, Content(zip, $"evidence/{id}.mp4"));
            var record = JsonNode.Parse(Content(zip, "custody.json"))!;
            Assert.Equal(("chief", "for the court", false), ((string)record["exportedBy"]!, (string)record["reason"]!, (bool)record["redacted"]!));
            Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(clip)), (string)record["files"]![0]!["sha256"]!);
            Assert.True((bool)record["origins"]![0]!["signatureValid"]!);
            var words = Encoding.UTF8.GetString(Content(zip, "VERIFY.txt"));
            Assert.Contains("核对签名", words, StringComparison.Ordinal);
            Assert.Contains("The signature:", words, StringComparison.Ordinal);
        }
        (string Name, Func<byte[], byte[]> Change, string Problem)[] tampered =
        [
            ($"evidence/{id}.mp4", bytes => [.. bytes[..1000], (byte)(bytes[1000] ^ 1), .. bytes[1001..]], "was changed"),
            ("custody.json", bytes => Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(bytes).Replace("for the court", "for myself", StringComparison.Ordinal)), "not the record that was signed"),
            ("custody.envelope", bytes => [.. bytes[..60], (byte)(bytes[60] ^ 1), .. bytes[61..]], ""),
            ("evidence/more.jpg", _ => [1, 2, 3], "does not belong"),
        ];
        foreach (var (name, change, problem) in tampered)
            Assert.Contains(PackageCheck.Problems(new MemoryStream(Changed(package, name, change)), centre), said => said.Contains(problem, StringComparison.Ordinal));
        Assert.NotEmpty(PackageCheck.Problems(new MemoryStream(package[..^100]), centre));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var stranger = new CertificateRequest("CN=stranger", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
        Assert.Contains("not signed by this centre", Assert.Single(PackageCheck.Problems(new MemoryStream(package), stranger)), StringComparison.Ordinal);

        // The command that the package's own words name.
        var (zipFile, pem) = (Path.Combine(bench.Centre.Folder, "p.zip"), Path.Combine(bench.Centre.Folder, "centre.pem"));
        await File.WriteAllBytesAsync(zipFile, package);
        await File.WriteAllTextAsync(pem, centre.ExportCertificatePem());
        var verified = await CommandResult.RunAsync(["evidence", "verify", "--file", zipFile, "--certificate", pem], null);
        Assert.True(verified.ExitCode == 0, verified.Error);
        await File.WriteAllBytesAsync(zipFile, Changed(package, "evidence/more.jpg", _ => [1]));
        Assert.Equal(1, (await CommandResult.RunAsync(["evidence", "verify", "--file", zipFile, "--certificate", pem], null)).ExitCode);
    }

    private static string Word(string kind) => string.Concat(kind.Split('_').Select(part => char.ToUpperInvariant(part[0]) + part[1..]));

    private static async Task<byte[]> ExportAsync(ConsoleClient who, Guid id)
    {
        using var body = new StringContent("""{"reason":"for the court"}""", Encoding.UTF8, "application/json");
        using var answer = await who.Http.PostAsync(new Uri($"/api/evidence/{id}/export", UriKind.Relative), body);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("application/zip", answer.Content.Headers.ContentType!.MediaType);
        return await answer.Content.ReadAsByteArrayAsync();
    }

    private static byte[] Content(ZipArchive zip, string name)
    {
        using var stream = zip.GetEntry(name)!.Open();
        using var content = new MemoryStream();
        stream.CopyTo(content);
        return content.ToArray();
    }

    private static byte[] Changed(byte[] package, string name, Func<byte[], byte[]> change)
    {
        using var file = new MemoryStream();
        file.Write(package);
        using (var zip = new ZipArchive(file, ZipArchiveMode.Update, leaveOpen: true))
        {
            var before = zip.GetEntry(name) is { } entry ? Content(zip, name) : [];
            zip.GetEntry(name)?.Delete();
            using var stream = zip.CreateEntry(name).Open();
            stream.Write(change(before));
        }
        return file.ToArray();
    }

    private static async Task<Guid> StillAsync(EvidenceBench bench, string unitId, string callNumber)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        var exhibit = new Exhibit(
            Uuid7.ToGuid(Uuid7.New(TimeProvider.System)), ExhibitTable.Snapshot, unitId, "cam1", now, now, now, "dispatcher", null, null, new ExhibitWords("look", callNumber, null, null));
        var kept = await bench.Centre.Get<ExhibitStore>().KeepAsync(exhibit, RandomNumberGenerator.GetBytes(5000), "image/jpeg", new AuditRow("dispatcher", "snapshot_taken", $"{exhibit.Id}", "look"));
        return kept.Id;
    }

    private static async Task<(HttpStatusCode, string?)> CodeAsync(Task<(HttpStatusCode Status, JsonNode? Json)> answer)
    {
        var (status, json) = await answer;
        return (status, (string?)json?["code"]);
    }
}
