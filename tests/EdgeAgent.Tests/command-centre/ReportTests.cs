using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using EdgeAgent.CommandCentre.Cli;
using EdgeAgent.CommandCentre.PublicReports;
using EdgeAgent.CommandCentre.Retention;
using EdgeAgent.CommandCentre.Storage;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.CommandCentre;

/// <summary>The monthly report against a centre whose every number, and every canary, was put in by hand (<see cref="ReportedMonth"/>).</summary>
public class ReportTests : IAsyncLifetime
{
    private CentreUnderTest centre = null!;

    protected virtual CentreStore Store => CentreStore.Sqlite;

    public async Task InitializeAsync() => centre = await CentreUnderTest.MakeAsync(Store);

    public async Task DisposeAsync() => await centre.DisposeAsync();

    [Fact]
    public async Task Every_number_is_what_was_put_in()
    {
        ReportedMonth.Fill(centre);
        var (json, _) = await MakeAsync("--month", "2026-03");
        // Plates: 30 confirmed and 11 rejected of stolen vehicles, 12 and 2 of wanted people. Faces: 8 and none. Seven were not seen.
        Figures(json, "hits", "shown 70, confirmed 50, rejected 13, notSeen 7");
        var rate = json.GetProperty("hits").GetProperty("falseAlertRate");
        Assert.Equal((0.2063, 0.1248, 0.3217, 63), (rate.GetProperty("value").GetDouble(), rate.GetProperty("low").GetDouble(), rate.GetProperty("high").GetDouble(), rate.GetProperty("decided").GetInt32()));
        var kinds = json.GetProperty("kinds");
        Figures(kinds[0], "hits", "shown 62, confirmed 42, rejected 13, notSeen 7");
        Figures(kinds[1], "hits", "shown 8, confirmed 8, rejected 0, notSeen 0");
        // 2 rejected of the wanted: hidden, and with it each number that would give it away.
        Figures(Category(kinds[0], "wanted_warrant"), "hits", "shown 14, confirmed withheld, rejected <5, notSeen 0");
        Figures(Category(kinds[0], "stolen_vehicle"), "hits", "shown 48, confirmed withheld, rejected withheld, notSeen 7");
        Figures(Category(kinds[1], "wanted_warrant"), "hits", "shown 8, confirmed 8, rejected 0, notSeen 0");
        Assert.Equal(50, json.GetProperty("weeks").EnumerateArray().Sum(week => week.GetProperty("falseAlertRate") is { ValueKind: JsonValueKind.Object } found ? found.GetProperty("decided").GetInt32() : 0) - 13);
        Figures(json, "tones", "stop 50, check 13, unknown 0, badSignatures 1, cameLate 1");
        Assert.Equal(["not_same_plate withheld", "other <5"], Codes(json, "rejectionReasons"));
        Assert.Equal(["plate_colour 13", "other 13"], Codes(json, "contradictions"));
        Figures(json, "lists", "loaded 2, refusedByCars 3, expired 0, revoked 1, suspended 0");
        Assert.Equal(["expired 2", "other 1"], json.GetProperty("lists").GetProperty("refusalCodes").EnumerateArray().Select(Code));
        Figures(json, "liveViews", "views 3, minutes 30, withoutReason 1, steered 1, streamsEnded 1, sentMinutes 9");
        Figures(json, "cars", "inService 2, reported 2, daysOfMonth 31, officerSignIns 2, officerSignInsRefused 1, consoleSignIns 1, consoleSignInsRefused 2");
        Assert.Equal(13, json.GetProperty("cars").GetProperty("carDays").GetInt32());
        Figures(json, "missing", "numbers 4, files 1, deletedBeforeSending 6, refusedEvents 2");
        Figures(json, "requests", "received 8, inTime 6, late 1, open 1, overdue 1, refused 1, extended 0");
    }

    [Fact]
    public async Task A_month_that_was_erased_on_its_clocks_counts_the_same()
    {
        ReportedMonth.Fill(centre);
        var before = (await MakeAsync("--month", "2026-03")).Json;
        await centre.StartServerAsync();
        _ = await centre.Get<RetentionSweep>().RunAsync();
        await centre.StopServerAsync();
        using (var open = new OpenCentre(centre.Data))
        {
            Assert.Equal((66, 66), open.Database.Read(c => Dapper.SqlMapper.QuerySingle<(int, int)>(
                c, "SELECT count(*), count(erased_at) FROM events WHERE kind = 'alert_decided'")));
        }
        var after = (await MakeAsync("--month", "2026-03")).Json;
        foreach (var part in (string[])["hits", "kinds", "days", "weeks", "rejectionReasons", "contradictions", "tones", "liveViews", "lists"])
            Assert.Equal(before.GetProperty(part).GetRawText(), after.GetProperty(part).GetRawText());
    }

    [Fact]
    public async Task Lists_are_counted_as_they_stood_at_the_months_end()
    {
        ReportedMonth.Fill(centre);
        var lists = (await MakeAsync("--month", "2026-03")).Json.GetProperty("lists").GetProperty("categories");
        Assert.Equal(
            ["plates wanted_warrant 0 0 0 0 1", "plates stolen_vehicle 2 310 3 0 0", "faces missing_or_vulnerable 1 <5 1 0 0", "faces wanted_warrant 0 0 1 1 0"],
            lists.EnumerateArray().Select(row => string.Join(' ', ((string[])["kind", "category", "inForce", "entries", "issued", "revoked", "ended"]).Select(name => Text(row, name))))
                .OrderByDescending(row => row.Contains("plates")).ThenBy(row => row.Contains("stolen")).ThenBy(row => row.Contains("faces wanted")));
    }

    [Fact]
    public async Task Nothing_of_a_person_is_in_the_page_or_the_json_in_any_encoding()
    {
        ReportedMonth.Fill(centre);
        var (_, page) = await MakeAsync("--month", "2026-03");
        var json = (await centre.CommandAsync(null, Report("--month", "2026-03", "--json"))).Output;
        foreach (var canary in ReportedMonth.Canaries)
        {
            foreach (var form in Forms(canary))
            {
                Assert.DoesNotContain(form, page, StringComparison.OrdinalIgnoreCase);
                Assert.DoesNotContain(form, json, StringComparison.OrdinalIgnoreCase);
            }
        }
        // The scan finds what is there.
        Assert.All(Forms("被盗车辆").Take(1), form => Assert.Contains(form, page));
        foreach (var outside in (string[])["<script", "http://", "https://", "src=", "href=", "url("])
            Assert.DoesNotContain(outside, page.Replace("http://www.w3.org/2000/svg", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase);
        Assert.Contains("command-line report_made 2026-03 ", centre.Audit());
    }

    [Fact]
    public async Task The_page_is_complete_in_each_language_and_well_formed()
    {
        ReportedMonth.Fill(centre);
        var (_, both) = await MakeAsync("--month", "2026-03");
        Assert.Contains("误报率", both);
        Assert.Contains("False-alert rate", both);
        var (_, english) = await MakeAsync("--month", "2026-03", "--language", "en");
        Assert.DoesNotContain(english, c => c is >= '\u4e00' and <= '\u9fff');
        var (_, chinese) = await MakeAsync("--month", "2026-03", "--language", "zh");
        Assert.DoesNotContain("False-alert", chinese);
        foreach (var page in (string[])[both, english, chinese])
        {
            var body = page[page.IndexOf("<body", StringComparison.Ordinal)..page.IndexOf("</html>", StringComparison.Ordinal)];
            _ = System.Xml.Linq.XElement.Parse(body);
        }
    }

    [Fact]
    public async Task An_empty_month_says_so()
    {
        var (json, page) = await MakeAsync("--month", "2026-01");
        Assert.True(json.GetProperty("empty").GetBoolean());
        Assert.Contains("本月没有任何记录", page);
        Assert.Contains("Nothing was recorded", page);
    }

    [Theory]
    [InlineData("2026-13", "Asia/Shanghai", "r.html", "--month is '2026-13'")]
    [InlineData("november", "Asia/Shanghai", "r.html", "--month is 'november'")]
    [InlineData("2999-01", "Asia/Shanghai", "r.html", "has not begun")]
    [InlineData("2026-01", "Asia/Peiping", "r.html", "--time-zone is 'Asia/Peiping'")]
    [InlineData("2026-01", "Asia/Shanghai", "no/such/r.html", "whose folder is not there")]
    [InlineData("2026-01", "Asia/Shanghai", ".", "is a folder")]
    public async Task A_wrong_month_zone_or_path_is_refused_in_one_sentence(string month, string zone, string file, string sentence)
    {
        var refused = await centre.CommandAsync(null, "report", "--month", month, "--time-zone", zone, "--out", Path.Combine(centre.Folder, file));
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains(sentence, refused.Error);
        Assert.Single(refused.Error.Trim().Split('\n'));
        Assert.Empty(centre.Audit());
    }

    [Fact]
    public void A_month_is_that_of_its_zone()
    {
        var now = new DateTimeOffset(2027, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var month = ReportMonth.Parse("2026-11", "Asia/Shanghai", now);
        Assert.Equal(new DateTimeOffset(2026, 10, 31, 16, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds(), month.From);
        Assert.Equal((30, 29), (month.Days, month.DayOf(month.To - 1)));
        Assert.Equal((0, 1), (month.DayOf(month.From + 86_399_999), month.DayOf(month.From + 86_400_000)));
        // 1 November 2026 is a Sunday.
        Assert.Equal([(0, 0), (1, 7), (8, 14), (15, 21), (22, 28), (29, 29)], month.Weeks);
        var berlin = ReportMonth.Parse("2026-03", "Europe/Berlin", now);
        Assert.Equal(31 * 24 - 1, (berlin.To - berlin.From) / 3_600_000);
        // Clocks went from midnight to one o'clock on 4 November 2018.
        var skipped = ReportMonth.Parse("2018-11", "America/Sao_Paulo", now);
        Assert.Equal((2, 3), (skipped.DayOf(new DateTimeOffset(2018, 11, 4, 2, 59, 59, TimeSpan.Zero).ToUnixTimeMilliseconds()), skipped.DayOf(new DateTimeOffset(2018, 11, 4, 3, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds())));
    }

    [Fact]
    public void A_hidden_count_does_not_follow_from_what_stands_beside_it()
    {
        Assert.Equal([10, Figure.Few, Figure.Withheld, 0], SmallCounts.Line([10, 3, 7, 0]));
        Assert.Equal([40, Figure.Few, Figure.Few, 0], SmallCounts.Line([40, 3, 4, 0]));
        // Two that add up to 2 are one each.
        Assert.Equal([40, Figure.Few, Figure.Few, Figure.Withheld], SmallCounts.Line([40, 1, 1, 6]));
        Assert.Equal([Figure.Withheld, Figure.Few, Figure.Withheld], SmallCounts.Line([0, 3, 0]));
        Assert.Equal([5, 0, 6], SmallCounts.Line([5, 0, 6]));
        var random = new Random(7);
        for (var round = 0; round < 500; round++)
        {
            var rows = Enumerable.Range(0, 4).Select(_ => Enumerable.Range(0, 3).Select(_ => (long)random.Next(0, 14)).ToArray()).Select(row => (long[])[.. row, row.Sum()]).ToList();
            var table = SmallCounts.Table(rows);
            for (var at = 0; at < 4; at++)
            {
                Assert.NotEqual(1, table[at].Count(figure => figure.Value is null));
                Assert.NotEqual(1, table.Count(row => row[at].Value is null));
            }
            Assert.All(rows.SelectMany(row => row).Zip(table.SelectMany(row => row)), pair => Assert.True(pair.First is < 1 or > 4 || pair.Second.Value is null));
        }
    }

    [Fact]
    public void Every_code_of_a_refused_list_has_words() => Assert.Superset(EdgeAgent.Contract.ListRefusals.Codes.ToHashSet(), PublicWords.ListRefusals.Keys.ToHashSet());

    [Fact]
    public void A_share_comes_with_wilsons_interval()
    {
        Assert.Null(Share.Wilson(0, 0));
        Assert.Equal("10.0% [2.8%, 30.1%], n = 20", Share.Wilson(2, 20).ToString());
        Assert.Equal("0.0% [0.0%, 27.8%], n = 10", Share.Wilson(0, 10).ToString());
    }

    private static IEnumerable<string> Forms(string text)
    {
        yield return text;
        yield return WebUtility.HtmlEncode(text);
        yield return Uri.EscapeDataString(text);
        yield return string.Concat(text.Select(c => $"&#{(int)c};"));
        yield return string.Concat(text.Select(c => $"\\u{(int)c:x4}"));
        foreach (var bytes in (byte[][])[Encoding.UTF8.GetBytes(text), Encoding.Unicode.GetBytes(text)])
        {
            yield return Convert.ToHexString(bytes);
            // Of base64 only the middle is the same wherever the text begins.
            yield return Convert.ToBase64String(bytes)[..(bytes.Length / 3 * 4)];
        }
    }

    private string[] Report(params string[] options) => ["report", "--out", Path.Combine(centre.Folder, "report.html"), .. options];

    private async Task<(JsonElement Json, string Page)> MakeAsync(params string[] options)
    {
        var made = await centre.CommandAsync(null, Report([.. options, "--json"]));
        Assert.True(made.ExitCode == 0, made.Error);
        return (JsonDocument.Parse(made.Output).RootElement, await File.ReadAllTextAsync(Path.Combine(centre.Folder, "report.html")));
    }

    private static JsonElement Category(JsonElement kind, string category) => kind.GetProperty("categories").EnumerateArray().Single(row => Text(row, "category") == category);

    private static void Figures(JsonElement of, string name, string expected)
    {
        foreach (var pair in expected.Split(", ").Select(pair => pair.Split(' ')))
            Assert.Equal($"{name}.{pair[0]} {pair[1]}", $"{name}.{pair[0]} {Text(of.GetProperty(name), pair[0])}");
    }

    private static IEnumerable<string> Codes(JsonElement report, string name) => report.GetProperty(name).EnumerateArray().Select(Code).Where(code => !code.EndsWith(" 0"));

    private static string Code(JsonElement code) => $"{Text(code, "code")} {Text(code, "count")}";

    private static string Text(JsonElement of, string name) => of.GetProperty(name) is { ValueKind: JsonValueKind.Number } number
        ? number.GetDouble().ToString(CultureInfo.InvariantCulture)
        : of.GetProperty(name).GetString()!;
}

public sealed class ReportTestsOnPostgres : ReportTests
{
    protected override CentreStore Store => CentreStore.Postgres;
}
