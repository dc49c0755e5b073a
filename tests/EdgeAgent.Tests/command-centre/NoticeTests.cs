using EdgeAgent.CommandCentre.LiveViews;
using EdgeAgent.CommandCentre.PublicReports;
using EdgeAgent.CommandCentre.Requests;
using EdgeAgent.Contract;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.CommandCentre;

/// <summary>The notice to the public. What it says of the car is held against the car's own defaults in Architecture/PublicFactsTests.</summary>
public sealed class NoticeTests : IAsyncLifetime
{
    private readonly CentreUnderTest centre = CentreUnderTest.Make();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await centre.DisposeAsync();

    [Fact]
    public async Task The_blanks_are_filled_in_once_escaped_and_none_is_left()
    {
        var file = Path.Combine(centre.Folder, "notice.html");
        var made = await CommandResult.RunAsync(["notice", "--authority", "某市公安局 <b>", "--contact", "{date} & \"1 Road\"", "--date", "2026-01-02", "--out", file], null);
        Assert.True(made.ExitCode == 0, made.Error);
        var page = await File.ReadAllTextAsync(file);
        var body = page[page.IndexOf("<body", StringComparison.Ordinal)..page.IndexOf("</html>", StringComparison.Ordinal)];
        _ = System.Xml.Linq.XElement.Parse(body);
        Assert.Contains("某市公安局 &lt;b&gt;", body);
        Assert.Contains("2026-01-02", body);
        // What was given for one blank is no blank itself.
        Assert.Equal(2, body.Split("{date} &amp; &quot;1 Road&quot;").Length - 1);
        Assert.Equal(2, body.Split("<section").Length - 1);
        Assert.Equal(12, body.Split("<article>").Length - 1);
        foreach (var outside in (string[])["<script", "http", "src=", "href="])
            Assert.DoesNotContain(outside, body);
    }

    [Theory]
    [InlineData("", "x", "--authority")]
    [InlineData("x", "two\nlines", "--contact")]
    public async Task What_does_not_fit_the_poster_is_refused_in_one_sentence(string authority, string contact, string sentence)
    {
        var refused = await CommandResult.RunAsync(["notice", "--authority", authority, "--contact", contact, "--out", Path.Combine(centre.Folder, "n.html")], null);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains(sentence, refused.Error);
    }

    [Fact]
    public void Both_languages_say_the_same_numbers_and_those_of_the_centre_and_the_contract()
    {
        var (zh, en) = (NoticePage.Text.Split("\n# ")[0], NoticePage.Text.Split("\n# ")[1]);
        Assert.Equal(Numbers(zh).Distinct().Order(), Numbers(en).Distinct().Order());
        Says($"最长 {LiveLeases.MostMinutes} 分钟", $"at most {LiveLeases.MostMinutes} minutes");
        Says($"在 {RequestRules.RightDays} 天内答复，投诉在 {RequestRules.ComplaintDays} 天内", $"within {RequestRules.RightDays} days, a complaint within {RequestRules.ComplaintDays}");
        Says($"答复 {RequestRules.KeepDays} 天后", $"erased {RequestRules.KeepDays} days after");
        var check = new ListCheck { NowUnixMs = 0 };
        Says($"人脸名单最长有效 {check.MaxFaceValidity.TotalHours} 小时，车牌名单最长 {check.MaxPlateValidity.TotalDays} 天", $"at most {check.MaxFaceValidity.TotalHours} hours, a list of plates for at most {check.MaxPlateValidity.TotalDays} days");
        Says($"仅车牌，最长 {check.MaxNamedIncidentValidity.TotalHours} 小时", $"plates only, at most {check.MaxNamedIncidentValidity.TotalHours} hours");
        Says($"最长 {Longest("plate_seconds")} 秒", $"at most {Longest("plate_seconds")} seconds");
        Says($"最长保存 {Longest("evidence_days")} 天", $"at most {Longest("evidence_days")} days unless");
        Says($"最长 {Longest("rejected_hours")} 小时后抹去", $"after at most {Longest("rejected_hours")} hours");
        Says($"保存 {RetentionClocks.Standard.ConfirmedDays} 天，依法最长 {Longest("confirmed_days")} 天", $"kept for {RetentionClocks.Standard.ConfirmedDays} days, by law at most {Longest("confirmed_days")} days");
        Assert.Equal(5, PublicWords.Categories.Count);
        Assert.Contains("五种", zh);
        Assert.Contains("five categories", en);

        void Says(string chinese, string english)
        {
            Assert.Contains(chinese, zh);
            Assert.Contains(english, en);
        }
    }

    /// <summary>The longest that a policy may set this clock to, as the contract judges it.</summary>
    private static uint Longest(string clock)
    {
        var field = RetentionPolicy.Descriptor.FindFieldByName(clock);
        return Enumerable.Range(1, 4000).Select(value => (uint)value).Last(value =>
        {
            var policy = RetentionClocks.Standard;
            field.Accessor.SetValue(policy, value);
            return !RetentionClocks.Problems(policy).Any();
        });
    }

    private static IEnumerable<string> Numbers(string text) => System.Text.RegularExpressions.Regex.Matches(text, "[0-9]+").Select(match => match.Value);
}
