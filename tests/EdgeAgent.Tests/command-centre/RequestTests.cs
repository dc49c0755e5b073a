using System.Text;
using System.Text.Json;
using EdgeAgent.CommandCentre.Cli;
using EdgeAgent.CommandCentre.Requests;
using EdgeAgent.CommandCentre.Storage;

namespace EdgeAgent.Tests.CommandCentre;

/// <summary>The register of what the public asks, over the real database.</summary>
public class RequestTests : IAsyncLifetime
{
    private const string Letter = "CANARYNAME 13900001111\n\nI want to know what CANARYWORDS holds of me.\nThank you.";
    private CentreUnderTest centre = null!;

    protected virtual CentreStore Store => CentreStore.Sqlite;

    public async Task InitializeAsync() => centre = await CentreUnderTest.MakeAsync(Store);

    public async Task DisposeAsync() => await centre.DisposeAsync();

    [Fact]
    public async Task A_request_goes_from_letter_to_answer_through_the_real_program()
    {
        var added = await centre.CommandAsync(Letter, "requests", "add", "--by", "wang", "--kind", "access", "--channel", "letter", "--due-days", "15", "--json");
        Assert.True(added.ExitCode == 0, added.Error);
        var reference = JsonDocument.Parse(added.Output).RootElement.GetProperty("reference").GetString()!;
        Assert.Matches("^R-20[0-9]{2}-000001$", reference);
        var listed = JsonDocument.Parse((await centre.CommandAsync(null, "requests", "list", "--json")).Output).RootElement.GetProperty("requests")[0];
        Assert.Equal((15, false, "open"), (listed.GetProperty("daysLeft").GetInt32(), listed.GetProperty("overdue").GetBoolean(), listed.GetProperty("state").GetString()));
        var extended = await centre.CommandAsync("archive is searched", "requests", "extend", "--reference", reference, "--by", "wang", "--days", "10");
        Assert.True(extended.ExitCode == 0, extended.Error);
        var answered = await centre.CommandAsync("CANARYANSWER nothing is held", "requests", "answer", "--reference", reference, "--by", "li");
        Assert.Contains("answered, in time", answered.Output);
        var shown = await centre.CommandAsync(null, "requests", "show", "--reference", reference, "--by", "zhao", "--purpose", "yearly review");
        foreach (var text in (string[])["CANARYNAME 13900001111", "holds of me.\nThank you.", "archive is searched", "CANARYANSWER nothing is held", "answered on"])
            Assert.Contains(text, shown.Output);
        Assert.Equal(
            [
                $"wang request_added {reference} access", $"wang request_extended {reference} to {Later(25)}",
                $"li request_answered {reference} ", $"zhao request_read {reference} yearly review",
            ],
            centre.Audit());
        Assert.Contains("No request waits", (await centre.CommandAsync(null, "requests", "list")).Output);
    }

    [Fact]
    public async Task What_a_person_wrote_lies_sealed_and_is_in_no_list_and_no_audit_row()
    {
        var (register, open) = Open(Today);
        using (open)
        {
            var reference = register.Add(Row("complaint", Today, 30), "CANARYNAME", "CANARYWORDS");
            _ = register.Answer(reference, "unfounded", "CANARYANSWER", 365);
        }
        var list = await centre.CommandAsync(null, "requests", "list", "--all", "--json");
        Assert.Contains("\"state\":\"refused\"", list.Output);
        var database = new StringBuilder(list.Output).AppendJoin('\n', centre.Audit());
        database.Append(Encoding.Latin1.GetString(centre.StoredBytes()));
        Assert.DoesNotContain("CANARY", database.ToString());
    }

    [Fact]
    public void Deadlines_end_with_their_day_and_late_stays_late()
    {
        string reference;
        var (register, open) = Open(Today);
        using (open)
            reference = register.Add(Row("correction", Today, 5), "a", "b");
        (register, open) = Open(Today.AddDays(6));
        using (open)
        {
            Assert.Contains("late", Assert.Throws<CentreException>(() => register.Extend(reference, 10, "more time")).Message);
            Assert.False(register.Answer(reference, null, "here it is", 365));
            Assert.Contains("closed", Assert.Throws<CentreException>(() => register.Answer(reference, null, "again", 365)).Message);
        }
        (register, open) = Open(Today);
        using (open)
        {
            var other = register.Add(Row("deletion", Today, 5), "a", "b");
            Assert.Equal(Today.AddDays(15), register.Extend(other, 10, "more time"));
            Assert.Contains("second extension", Assert.Throws<CentreException>(() => register.Extend(other, 1, "more")).Message);
            Assert.EndsWith("-000002", other);
        }
    }

    [Fact]
    public void What_is_due_first_comes_first_and_the_closed_come_last()
    {
        var (register, open) = Open(Today);
        using (open)
        {
            var closed = register.Add(Row("access", Today, 1), "a", "b");
            var later = register.Add(Row("access", Today, 30), "a", "b");
            var sooner = register.Add(Row("access", Today, 3), "a", "b");
            _ = register.Answer(closed, null, "x", 365);
            Assert.Equal([sooner, later, closed], open.Database.Read(c => RequestTable.List(c, closedToo: true)).Select(row => row.Reference));
            Assert.Equal([sooner, later], open.Database.Read(c => RequestTable.List(c, closedToo: false)).Select(row => row.Reference));
        }
    }

    [Fact]
    public async Task A_running_centre_erases_the_personal_part_when_its_time_has_come_and_keeps_the_row()
    {
        string old, young, waiting;
        var (register, open) = Open(Today.AddDays(-400));
        using (open)
        {
            var request = Row("complaint", Today.AddDays(-400), 30) with { AboutUnit = "PB-1" };
            _ = open.Database.Write(transaction =>
            {
                UnitTable.Register(transaction, "PB-1", "Beat 1", 1);
                return 0;
            });
            (old, young, waiting) = (register.Add(request, "CANARYNAME", "CANARYWORDS"), register.Add(request, "x", "y"), register.Add(request, "x", "y"));
            _ = register.Answer(old, null, "CANARYANSWER", 365);
            _ = register.Answer(young, null, "answer", 500);
        }
        await centre.StartServerAsync();
        var start = TimeProvider.System.GetTimestamp();
        while (!centre.Audit().Contains($"centre request_erased {old} ") && TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(10))
            await Task.Delay(20);
        await centre.StopServerAsync();
        Assert.Equal($"centre request_erased {old} ", Assert.Single(centre.Audit(), row => row.Contains("request_erased")));
        (register, open) = Open(Today);
        using (open)
        {
            var (row, texts) = register.Read(old, "test");
            Assert.Equal(new RequestTexts(null, null, null, null), texts);
            Assert.Equal(("answered", "complaint", null), (row.State, row.Kind, row.AboutUnit));
            Assert.NotNull(row.ErasedAt);
            Assert.Equal(("x", "answer"), (register.Read(young, "test").Texts.Contact, register.Read(young, "test").Texts.Answer));
            Assert.Equal("y", register.Read(waiting, "test").Texts.Words);
        }
    }

    [Fact]
    public void A_request_is_about_ids_that_are_known_here_and_nothing_else()
    {
        var (register, open) = Open(Today);
        using (open)
        {
            foreach (var row in (RequestRow[])[new() { AboutUnit = "京A12345" }, new() { AboutList = "zhang" }, new() { AboutEvent = "not an id" }, new() { AboutEvent = Guid.NewGuid().ToString() }])
            {
                var request = Row("access", Today, 5) with { AboutUnit = row.AboutUnit, AboutList = row.AboutList, AboutEvent = row.AboutEvent };
                Assert.Contains("there is none of this id", Assert.Throws<CentreException>(() => register.Add(request, "a", "b")).Message);
            }
            Assert.Empty(open.Database.Read(c => RequestTable.List(c, closedToo: true)));
        }
    }

    [Theory]
    [InlineData("--kind", "praise", "praise")]
    [InlineData("--received", "2999-01-01", "not come yet")]
    [InlineData("--received", "3.11.2026", "not a day")]
    [InlineData("--due-days", "0", "--due-days")]
    [InlineData("--time-zone", "Mars/Olympus", "--time-zone")]
    [InlineData("--by", " ", "--by")]
    [InlineData("--text-file", "/no/such/file", "/no/such/file")]
    public async Task What_cannot_be_registered_is_refused_in_one_sentence(string option, string value, string sentence)
    {
        var arguments = new Dictionary<string, string> { ["--by"] = "wang", ["--kind"] = "access", ["--channel"] = "counter", [option] = value };
        var refused = await centre.CommandAsync(Letter, ["requests", "add", .. arguments.SelectMany(pair => new[] { pair.Key, pair.Value })]);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains(sentence, refused.Error);
        Assert.Empty(centre.Audit());
    }

    [Fact]
    public async Task A_text_without_both_parts_is_refused_and_one_that_steers_a_terminal_is_shown_harmless()
    {
        string[] add = ["requests", "add", "--by", "wang", "--kind", "access", "--channel", "online"];
        Assert.Contains("two parts", (await centre.CommandAsync("only words", add)).Error);
        Assert.Contains("no text", (await centre.CommandAsync("", add)).Error);
        Assert.Equal(0, (await centre.CommandAsync("me\n\nbefore \e[2J after", add)).ExitCode);
        var reference = centre.Audit()[0].Split(' ')[2];
        var shown = await centre.CommandAsync(null, "requests", "show", "--reference", reference, "--by", "wang", "--purpose", "test");
        Assert.Contains("before \uFFFD[2J after", shown.Output);
    }

    private static DateOnly Today => LocalCalendar.Today(LocalCalendar.Zone(LocalCalendar.DefaultZone), TimeProvider.System.GetUtcNow());

    private static string Later(int days) => $"{Today.AddDays(days):yyyy-MM-dd}";

    private static RequestRow Row(string kind, DateOnly received, int days) => new()
    {
        Kind = kind,
        Channel = "letter",
        ReceivedOn = $"{received:yyyy-MM-dd}",
        DueOn = $"{received.AddDays(days):yyyy-MM-dd}",
    };

    private (Register Register, OpenCentre Open) Open(DateOnly today)
    {
        var open = new OpenCentre(centre.Data);
        var now = LocalCalendar.StartOf(today, LocalCalendar.Zone(LocalCalendar.DefaultZone)).AddHours(12);
        return (new Register(open.Database, new RequestTable(open.Sealing), now, today, "wang"), open);
    }
}

public sealed class RequestTestsOnPostgres : RequestTests
{
    protected override CentreStore Store => CentreStore.Postgres;
}
