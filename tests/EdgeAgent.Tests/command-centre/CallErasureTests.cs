using System.Security.Cryptography;
using System.Text;
using Dapper;
using EdgeAgent.CommandCentre.Attachments;
using EdgeAgent.CommandCentre.Calls;
using EdgeAgent.CommandCentre.Identity;
using EdgeAgent.CommandCentre.Retention;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.CommandCentre;

/// <summary>A call that is over goes on its clock with all that was said, unless it is held.</summary>
public sealed class CallErasureTests : IAsyncLifetime
{
    private const int DaySeconds = 86_400;
    private CallBench bench = null!;
    private EvidenceFiles files = null!;
    private RetentionSweep sweep = null!;

    public Task InitializeAsync()
    {
        bench = CallBench.Make();
        bench.AddUnit("PB-1");
        files = new EvidenceFiles(new DataFolder(bench.Data), bench.Sealing);
        sweep = new RetentionSweep(bench.Commits, bench.Database, bench.Sealing, files, new CallErasure(bench.Sealing, files), bench.Time);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync() => await bench.DisposeAsync();

    [Fact]
    public async Task Row_story_commands_and_recording_of_a_closed_call_go_and_an_open_one_stays()
    {
        var (open, call) = (await bench.TakenBy("PB-1"), await bench.TakenBy("PB-1"));
        var recording = await RecordAsync(call);
        _ = await bench.StoreAsync("PB-1", bench.Step(call, CallAct.Report, text: "已制作笔录"));
        bench.Time.Step(40 * DaySeconds);
        _ = await CloseAsync(call);
        bench.Time.Step(29 * DaySeconds);
        Assert.NotNull(bench.Calls.Find(call.Id));
        _ = await sweep.RunAsync();
        Assert.NotNull(bench.Calls.Find(call.Id));
        bench.Time.Step(2 * DaySeconds);
        Assert.Equal(1, (await sweep.RunAsync()).Calls);
        Assert.Null(bench.Calls.Find(call.Id));
        Assert.NotNull(bench.Calls.Find(open.Id));
        Assert.False(File.Exists(files.PathOf(recording.Sha256)));
        Assert.Equal(0, Count("SELECT count(*) FROM evidence"));
        // The row stays for the counts, with nobody in it, and what no car fetched is gone from the queue too.
        Assert.Equal("", Scalar("SELECT taken_by || dispatched_by FROM calls WHERE erased_at IS NOT NULL"));
        Assert.DoesNotContain(bench.Entries.Of(call.Id), entry => entry.Text.Length + entry.Actor.Length > 0);
        Assert.Equal(0, Count("SELECT count(*) FROM commands WHERE answered_at IS NULL"));
        Assert.DoesNotContain(call.Number, bench.Calls.History(new CallSearch("", "", CallKind.Unspecified, 0, long.MaxValue, long.MaxValue, ""), "").Select(c => c.Number));
        Assert.True((await sweep.RunAsync()).IsNothing);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_hold_on_the_call_or_on_a_step_of_it_keeps_it_and_its_recording(bool onTheCall)
    {
        var call = await bench.TakenBy("PB-1");
        var recording = await RecordAsync(call);
        var step = bench.Step(call, CallAct.Report);
        _ = await bench.StoreAsync("PB-1", step);
        _ = await CloseAsync(call);
        var held = onTheCall ? call.Id : Uuid7.ToGuid(step.Id.Span);
        var holds = new Holds(bench.Commands, bench.Time);
        _ = await bench.Commits.CommitAsync(t => Did(() => holds.Set(t, held, true, "case 17", "li")));
        bench.Time.Step(100 * DaySeconds);
        _ = await sweep.RunAsync();
        Assert.NotNull(bench.Calls.Find(call.Id));
        Assert.True(File.Exists(files.PathOf(recording.Sha256)));
        _ = await bench.Commits.CommitAsync(t => Did(() => holds.Set(t, held, false, "case closed", "li")));
        _ = await sweep.RunAsync();
        Assert.Null(bench.Calls.Find(call.Id));
        Assert.False(File.Exists(files.PathOf(recording.Sha256)));
        Assert.Contains(bench.Audit(), row => row.StartsWith(onTheCall ? "li call_released" : "li evidence_released", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_voice_goes_on_its_own_clock_when_that_is_shorter_and_a_sound_of_two_calls_stays_with_the_other()
    {
        var (first, second) = (await bench.TakenBy("PB-1"), await bench.TakenBy("PB-1"));
        var recording = await RecordAsync(first);
        _ = await RecordAsync(second);
        _ = await CloseAsync(first);
        bench.Time.Step((30 * DaySeconds) - 60);
        _ = await sweep.RunAsync();
        Assert.True(File.Exists(files.PathOf(recording.Sha256)));
        bench.Time.Step(120);
        _ = await sweep.RunAsync();
        Assert.Null(bench.Calls.Find(first.Id));
        // Thirty days are the voice's own clock as well: the open call keeps its words, and says that the voice has gone.
        Assert.NotNull(bench.Calls.Find(second.Id)!.Recording);
        Assert.Null(new EvidenceTable(bench.Database).CompleteSize(recording.Sha256));
    }

    private async Task<CallRecording> RecordAsync(CallRecord call)
    {
        var recording = new CallRecordings(files).Keep(Encoding.UTF8.GetBytes("OggS and a voice that says 13800000000"), "audio/ogg");
        var now = bench.Time.GetUtcNow().ToUnixTimeMilliseconds();
        var answer = await bench.Commits.CommitAsync(t =>
        {
            _ = EvidenceTable.Complete(t, recording.Sha256, recording.SizeBytes, recording.MediaType, CallRecordings.Uploader, now);
            return bench.Desk.Attach(t, call.Id, recording, CallBench.Wang);
        });
        Assert.Equal("", answer.Code);
        Assert.Equal(SHA256.HashData("OggS and a voice that says 13800000000"u8), recording.Sha256);
        return recording;
    }

    private Task<CallAnswer> CloseAsync(CallRecord call) => bench.Commits.CommitAsync(t => bench.Desk.Close(t, call.Id, "handled", "", CallBench.Wang));

    private long Count(string query) => bench.Database.Read(c => c.ExecuteScalar<long>(query));

    private string? Scalar(string query) => bench.Database.Read(c => c.ExecuteScalar<string>(query));

    private static int Did(Action act)
    {
        act();
        return 0;
    }
}
