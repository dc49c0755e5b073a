using EdgeAgent.DispatchClient.Releases;

namespace EdgeAgent.Tests.DispatchClient;

/// <summary>Two slots and what is decided about them: whatever is damaged, something that works is current.</summary>
public sealed class SlotTests : IDisposable
{
    private readonly TemporaryDirectory place = new();
    private readonly TestBundles releases = new();

    public SlotTests() => TestBundles.Folder(place.At("factory"));

    public void Dispose()
    {
        releases.Dispose();
        place.Dispose();
    }

    [Fact]
    public async Task An_update_goes_into_the_slot_that_is_not_started_and_the_floor_rises_when_it_is_good()
    {
        AppSlots slots = Slots();
        Assert.Equal(SlotState.New, slots.Read());
        await InstallAsync("1.1.0", 11);
        Assert.Equal(("a", 0UL, SlotStanding.Trial), About(slots));
        await GoodAsync(slots);
        Assert.Equal(("a", 11UL, SlotStanding.Good), About(slots));
        await InstallAsync("1.2.0", 12);
        Assert.Equal(("b", 11UL, SlotStanding.Trial), About(slots));
        Assert.Equal(SlotStanding.Good, slots.Read().A!.Standing);
        await GoodAsync(slots);
        await InstallAsync("1.3.0", 13);
        Assert.Equal(("a", 12UL, SlotStanding.Trial), About(slots));
        Assert.Null(slots.Problem("a", SlotLook.Bytes));
        Assert.Null(slots.Problem("b", SlotLook.Bytes));
    }

    [Fact]
    public async Task Nothing_that_is_not_newer_is_taken_and_nothing_while_another_is_on_trial()
    {
        AppSlots slots = Slots();
        await InstallAsync("1.5.0", 15);
        Assert.Equal(ReleaseCodes.OnTrial, await RefusedAsync(releases.Pack(place, "1.6.0", 16)));
        await GoodAsync(slots);
        SlotState before = slots.Read();
        Assert.Equal(ReleaseCodes.Older, await RefusedAsync(releases.Pack(place, "1.4.0", 14)));
        Assert.Equal(ReleaseCodes.Older, await RefusedAsync(releases.Pack(place, "1.5.1", 15)));
        using (SlotFiles.TryLock(slots.UpdateLock))
            Assert.Equal(ReleaseCodes.Busy, await RefusedAsync(releases.Pack(place, "1.7.0", 17)));
        Assert.Equal(before, slots.Read());
        // Back by hand: it runs, and what was mended still cannot be undone by an old bundle.
        await SlotUpdate.RollBackAsync(slots, "by hand", default);
        Assert.Equal((SlotState.Factory, 15UL), (slots.Read().Current, slots.Read().Floor));
        Assert.Equal(ReleaseCodes.Older, await RefusedAsync(releases.Pack(place, "1.4.1", 14)));
        Assert.Equal(ReleaseCodes.NothingBefore, (await Assert.ThrowsAsync<ReleaseException>(() => SlotUpdate.RollBackAsync(slots, "", default))).Code);
    }

    [Fact]
    public async Task What_runs_is_not_written_over_although_it_was_given_up()
    {
        AppSlots slots = Slots();
        await InstallAsync("1.1.0", 11);
        await GoodAsync(slots);
        await InstallAsync("1.2.0", 12);
        slots.RunningSlot = "b";
        using (SlotFiles.TryLock(slots.RunningLock))
        {
            await SlotUpdate.RollBackAsync(slots, "by hand", default);
            Assert.Equal(ReleaseCodes.SlotInUse, await RefusedAsync(releases.Pack(place, "1.3.0", 13)));
        }
        await InstallAsync("1.3.1", 14);
    }

    [Fact]
    public async Task Every_damage_to_the_state_leaves_the_version_that_was_good()
    {
        AppSlots slots = Slots();
        await InstallAsync("1.1.0", 11);
        await GoodAsync(slots);
        await InstallAsync("1.2.0", 12);
        string file = Path.Combine(slots.Root, "state");
        byte[] good = File.ReadAllBytes(file);
        for (int at = 0; at < good.Length; at++)
        {
            byte[] bad = [.. good];
            bad[at] ^= 1;
            File.WriteAllBytes(file, bad);
            Assert.Equal(("a", SlotStanding.Good, 11UL), (slots.Read().Current, slots.Read().A!.Standing, slots.Read().Floor));
            File.WriteAllBytes(file, good[..at]);
            Assert.Equal("a", slots.Read().Current);
        }
        File.Delete(file);
        Assert.Equal("a", slots.Read().Current);
        Damage(slots, "a");
        Assert.Equal(("b", SlotStanding.Trial), (slots.Read().Current, slots.Read().B!.Standing));
        Damage(slots, "b");
        Assert.Equal(SlotState.New, slots.Read());
    }

    [Fact]
    public void A_trial_ends_after_so_many_failures_in_what_was_there_before()
    {
        var entry = new SlotEntry("1", 11, SlotStanding.Good);
        SlotState good = SlotState.New.Switched(entry with { Standing = SlotStanding.Trial }).MarkedGood();
        Assert.Equal(good, good.Failed("a good one does not fail by counting", 1));
        SlotState trial = good.Switched(new SlotEntry("2", 12, SlotStanding.Trial));
        SlotState twice = trial.Failed("one", 3).Failed("two", 3);
        Assert.Equal(("b", 2, true), (twice.Current, twice.B!.Failures, twice.OnTrial));
        SlotState back = twice.Failed("three", 3);
        Assert.Equal(("a", SlotStanding.Failed, "three", 11UL), (back.Current, back.B!.Standing, back.B.Why, back.Floor));
        // The very first update has only what the box came with behind it.
        Assert.Equal(SlotState.Factory, SlotState.New.Switched(entry with { Standing = SlotStanding.Trial }).Failed("", 1).Current);
        Assert.Equal(back, SlotState.Parse(back.ToBytes()));
    }

    [Fact]
    public async Task A_refused_update_leaves_slots_and_state_byte_for_byte()
    {
        AppSlots slots = Slots();
        await InstallAsync("1.1.0", 11);
        await GoodAsync(slots);
        string next = releases.Pack(place, "1.2.0", 12);
        byte[] bytes = File.ReadAllBytes(next);
        bytes[^1] ^= 1;
        File.WriteAllBytes(next, bytes);
        string[] before = Everything(slots);
        Assert.Equal(ReleaseCodes.Damaged, await RefusedAsync(next));
        Assert.Equal(before, Everything(slots));
    }

    private static string[] Everything(AppSlots slots) =>
        [.. Directory.EnumerateFiles(slots.Root, "*", SearchOption.AllDirectories).Where(f => !f.EndsWith("lock", StringComparison.Ordinal)).Order(StringComparer.Ordinal)
            .Select(f => $"{f} {Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(f)))}")];

    private static void Damage(AppSlots slots, string slot)
    {
        string file = Path.Combine(slots.Files(slot), "wwwroot", "index.html");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.WriteAllText(file, "<p>PAGE</p>");
    }

    private static (string, ulong, SlotStanding) About(AppSlots slots)
    {
        SlotState state = slots.Read();
        return (state.Current, state.Floor, state.Of(state.Current)!.Standing);
    }

    private AppSlots Slots() => new(place.At("app"), place.At("factory"), TimeProvider.System);

    private static Task<SlotState> GoodAsync(AppSlots slots) => slots.ChangeAsync(state => state.MarkedGood(), default);

    private Task<SlotEntry> InstallAsync(string version, ulong number) =>
        new SlotUpdate(Slots(), releases.Trust).InstallAsync(releases.Pack(place, version, number), null, default);

    private async Task<string> RefusedAsync(string bundle) =>
        (await Assert.ThrowsAsync<ReleaseException>(() => new SlotUpdate(Slots(), releases.Trust).InstallAsync(bundle, null, default))).Code;
}
