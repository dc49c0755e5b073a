using System.Net;
using System.Text.Json.Nodes;
using EdgeAgent.Agent.Audit;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Chaos.Disk;
using EdgeAgent.DispatchClient.Outbox;
using EdgeAgent.Eyes.V1;
using EdgeAgent.Tests.DispatchClient;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.Agent;

/// <summary>A whole host whose data lies on a real file system that another program has filled.</summary>
public sealed class FullDiskTests
{
    [DiskFact]
    public async Task On_a_full_disk_the_car_works_on_decides_writes_its_audit_log_and_says_what_is_wrong()
    {
        using SmallDisk disk = SmallDisk.Mount(64 << 20);
        await using BenchCar car = await BenchCar.StartAsync(parent: disk.Root);
        Assert.True(car.TakePlates().Accepted);
        _ = await car.SignInAsync();
        await using FakeEyes eyes = await car.EyesAsync();
        await using Page page = await car.PageAsync();
        await Eventually.HoldsAsync(() => eyes.Seeing.Plates, "eyes look for plates");
        Ledger ledger = car.Get<Ledger>();
        disk.Fill();
        // Some room is left within what the outbox's files own.
        for (int i = 0; TrailIsTaken(ledger); i++)
            Assert.True(i < 20_000, "the disk was never met");
        for (int i = 0; i < 300; i++)
        {
            ledger.Note(new AuditDraft(AuditKind.Check, BenchCar.OfficerId, "s", "subject", new string('p', 200)));
            car.Clock.CentreSaid(car.Clock.NowUnixMs + 1);
            if (i % 10 == 0)
                disk.Fill();
        }
        Assert.False(TrailIsTaken(ledger));

        JsonNode state = await page.UntilAsync("state", s => s["disk"]?["notTaken"] is { } count && (long)count >= 2);
        Assert.Equal("disk_full", (string)state["disk"]!["code"]!);
        Assert.StartsWith("磁盘已满", (string)state["disk"]!["detailZh"]!, StringComparison.Ordinal);
        Assert.StartsWith("Disk full", (string)state["disk"]!["detailEn"]!, StringComparison.Ordinal);

        await eyes.SeePlateAsync("京A12345");
        string id = (string)(await page.UntilAsync("alert"))["id"]!;
        Assert.Equal(HttpStatusCode.OK, (await car.DecideAsync(id, "confirmed")).StatusCode);
        Assert.Single(car.Events(), e => e.AlertDecided is not null);
        await eyes.SendAsync(new MediaMessage { Clip = new ClipChunk { RequestId = id, Data = ByteString.CopyFrom(TestOutbox.Noise(1, 300_000)) } });
        await eyes.SendAsync(new MediaMessage { Clip = new ClipChunk { RequestId = id, Last = true, FirstMonoMs = 1, LastMonoMs = 2 } });
        await Eventually.HoldsAsync(() => car.Get<StageTable>().Snapshot().Any(s => s is { Name: "clips", Condition: StageCondition.Degraded }), "evidence finds no room");
        Assert.DoesNotContain(car.Events(), e => e.EvidenceReady is not null);
        Assert.True(car.VerifyAudit().Whole, car.VerifyAudit().Sentence);
        Assert.Single(car.Audit(), r => r.Kind == AuditKind.AlertConfirmed);
        Assert.DoesNotContain(car.Get<StageTable>().Snapshot(), s => s.Condition == StageCondition.Stopped || s.Restarts > 0 && s.Name != "gnss");

        disk.Free();
        car.Time.Jump(TimeSpan.FromSeconds(6));
        _ = await page.UntilAsync("state", s => s["disk"] is null);
        Assert.True(TrailIsTaken(ledger));
        await Eventually.HoldsAsync(() => car.Events().Any(e => e.EvidenceReady is { Reason: "disk_full" }), "the centre is told that the clip was not kept");
    }

    [DiskFact]
    public async Task With_nothing_left_to_make_room_with_a_decision_is_answered_and_waits_and_nothing_stops()
    {
        using SmallDisk disk = SmallDisk.Mount(64 << 20);
        await using BenchCar car = await BenchCar.StartAsync(parent: disk.Root);
        Assert.True(car.TakePlates().Accepted);
        _ = await car.SignInAsync();
        await using FakeEyes eyes = await car.EyesAsync();
        await using Page page = await car.PageAsync();
        await Eventually.HoldsAsync(() => eyes.Seeing.Plates, "eyes look for plates");
        await eyes.SeePlateAsync("京A12345");
        string id = (string)(await page.UntilAsync("alert"))["id"]!;
        UseUp(car.Get<OutboxStore>(), disk);

        HttpResponseMessage answer = await car.DecideAsync(id, "confirmed");
        Assert.Equal((HttpStatusCode.InsufficientStorage, "{\"code\":\"disk_full\"}"), (answer.StatusCode, await answer.Content.ReadAsStringAsync()));
        car.Time.Jump(TimeSpan.FromMinutes(10));
        await Eventually.HoldsAsync(() => car.Get<StageTable>().Snapshot().Any(s => s is { Name: "alerts", Condition: StageCondition.Degraded }), "the stage says why");
        Assert.DoesNotContain(car.Get<StageTable>().Snapshot(), s => s.Condition == StageCondition.Stopped);

        disk.Free();
        car.Time.Jump(TimeSpan.FromSeconds(6));
        // It lapsed meanwhile, which is written down as soon as it can be.
        await Eventually.HoldsAsync(() => car.Events().Any(e => e.AlertLapsed is not null), "the lapse is written down");
        await Eventually.HoldsAsync(() => car.VerifyAudit().Whole, "the chain is whole");
    }

    private static bool TrailIsTaken(Ledger ledger) =>
        ledger.AppendIfRoom(Lane.Positions, Priority.History, "", e => e.Track = new TrackSegment { Base = new Position { OfficerId = new string('o', 20_000) } });

    private static void UseUp(OutboxStore outbox, SmallDisk disk)
    {
        for (int size = 500_000; size > 100; size /= 2)
        {
            try
            {
                for (int i = 0; i < 2000; i++)
                {
                    disk.Fill();
                    outbox.Append(new EventDraft(Lane.Calls, Priority.Urgent, "", 1, TimeTrust.Centre, e => e.CallStep = new CallStep { Text = new string('n', size) }));
                }
            }
            catch (OutboxException full) when (full.IsDiskFull)
            {
                // Nothing of this size any more; a smaller one may find room.
            }
        }
        disk.Fill();
    }
}
