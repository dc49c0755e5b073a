using EdgeAgent.Agent.Hosting;
using EdgeAgent.AuditVerifier;
using EdgeAgent.Eyes.V1;
using EdgeAgent.Tests.DispatchClient;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.Agent;

/// <summary>Each minute's account of who was seen (DESIGN 4.2): signed, in the chain, adding up, nobody in it.</summary>
public sealed class ReceiptTests
{
    [Fact]
    public async Task A_minute_in_which_anybody_was_seen_leaves_a_receipt_that_adds_up_and_one_without_leaves_none()
    {
        await using BenchCar car = await BenchCar.StartAsync();
        Assert.True(car.TakePlates().Accepted);
        Assert.True(car.TakeFaces().Accepted);
        _ = await car.SignInAsync();
        await using (FakeEyes eyes = await car.EyesAsync())
        {
            await Eventually.HoldsAsync(() => eyes.Seeing is { Faces: true, Plates: true }, "matching");
            await eyes.SendAsync(new EyesMessage { Counters = new EyesCounters { OldestFaceMs = 1200, OldestPlateMs = 40_000 } });
            for (int i = 0; i < 7; i++)
                await eyes.SeePlateAsync("沪Z9K7Q2");
            await eyes.SeeFaceAsync(TestLists.Template(99), car.Model);
            await eyes.SeePlateAsync("京A12345");
            // Not as agreed: it is refused, and was never seen.
            await eyes.SeePlateAsync("沪Z9K7Q2", v => v.CameraId = "nowhere");
            await using Page page = await car.PageAsync();
            _ = await page.UntilAsync("alert");
            await eyes.SendAsync(new EyesMessage { Counters = new EyesCounters() });
            await Eventually.HoldsAsync(() => car.Get<EyesFacts>().Counters.OldestPlateMs == 0 && car.Get<EyesFacts>().Refusals.Counts.Count > 0, "the counters came");
            for (int minute = 0; minute < 3; minute++)
            {
                car.Time.Jump(TimeSpan.FromMinutes(1.1));
                await Task.Delay(300);
            }
        }
        await car.EndAsync();
        Account account = car.Receipts();
        Assert.Equal(new Kept(1, 0, 1, 0, account.Faces.OldestMs), account.Faces);
        Assert.Equal(new Kept(8, 1, 7, 0, account.Plates.OldestMs), account.Plates);
        Assert.Equal(1, account.Receipts);
        Assert.True(account.IsInOrder);
    }

    [Fact]
    public async Task Visits_that_wait_when_the_car_ends_are_deleted_and_told()
    {
        await using BenchCar car = await BenchCar.StartAsync();
        Assert.True(car.TakePlates().Accepted);
        await using (FakeEyes eyes = await car.EyesAsync())
        {
            // Nobody is signed in: compared with nothing, deleted all the same.
            for (int i = 0; i < 20; i++)
                await eyes.SeePlateAsync("沪Z9K7Q2");
            await eyes.SendAsync(new EyesMessage { Counters = new EyesCounters { PlateReads = 20 } });
            await Eventually.HoldsAsync(() => car.Get<EyesFacts>().Counters.PlateReads == 20, "they came");
        }
        await car.EndAsync();
        Account account = car.Receipts();
        Assert.Equal((20UL, 0UL, 20UL, 0UL), (account.Plates.Seen, account.Plates.Matched, account.Plates.Deleted, account.Plates.Held));
        Assert.True(account.IsInOrder);
    }
}
