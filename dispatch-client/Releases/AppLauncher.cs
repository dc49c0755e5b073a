using System.Diagnostics;

namespace EdgeAgent.DispatchClient.Releases;

/// <summary>
/// Starts the version that is due. A good one takes this process's place. A new one runs as a child and is watched until it is
/// good; when it fails by itself often enough, what was there before is started. What ends a start from outside (ignition off, a
/// stop that was asked for) is no failure, however often it happens. Whatever is damaged or cannot be written, something that
/// works is started.
/// </summary>
/// <param name="log">A sentence for each thing that somebody may want to know.</param>
public sealed class AppLauncher(AppSlots slots, LaunchOptions options, TimeProvider time, Action<string> log)
{
    private const string BootFile = "/proc/sys/kernel/random/boot_id";
    private const int EndedByTerminate = 128 + 15, EndedByInterrupt = 128 + 2;

    private static readonly TimeSpan PredecessorEnds = TimeSpan.FromSeconds(10);
    // systemd's TimeoutStopSec is 30 s.
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(25);
    // The stop that a child ended of may reach this process a moment later.
    private static readonly TimeSpan StopMayFollow = TimeSpan.FromSeconds(1);

    private SlotState state = SlotState.New;

    /// <summary>Returns when a new version ended after it was good, or when a stop was asked for; the code is that of the program.</summary>
    /// <exception cref="ReleaseException">already_runs, nothing_to_start.</exception>
    public async Task<int> RunAsync(CancellationToken stop)
    {
        await using FileStream running = await slots.HoldAsync(slots.RunningLock, PredecessorEnds, stop)
            ?? throw new ReleaseException(ReleaseCodes.AlreadyRuns, $"The version in slot {slots.RunningSlot} still runs.");
        SlotFiles.PassOn(running);
        new LaunchPlace(slots.Root, slots.FactoryFolder, Environment.ProcessPath!).Tell();
        SlotLook look = StartedInThisBoot() ? SlotLook.Bytes : SlotLook.Sizes;
        // Each round but the last one leaves a version behind or counts a failure of it.
        while (true)
        {
            string slot = await ChooseAsync(look, stop);
            NoteRunning(slot);
            string program = Path.Combine(slots.Files(slot), slots.ManifestOf(slot)?.Program ?? options.FactoryProgram);
            if (!state.OnTrial)
            {
                stop.ThrowIfCancellationRequested();
                AppProgram.Become(program, options.Arguments);
            }
            if (await TryAsync(program, state.Of(slot)!, stop) is { } code)
                return code;
        }
    }

    /// <summary>The first that is whole of: the current slot, the other one if it was good, what the box came with.</summary>
    private async Task<string> ChooseAsync(SlotLook look, CancellationToken stop)
    {
        await SettleAsync(now => now, stop);
        while (true)
        {
            string slot = state.Current;
            if (slots.Problem(slot, state.OnTrial ? SlotLook.Bytes : look) is not { } problem)
                return slot;
            log($"Slot {slot} cannot be started: {problem}.");
            if (slot == SlotState.Factory)
                throw new ReleaseException(ReleaseCodes.NothingToStart, $"Neither slot nor the installation can be started: {problem}.");
            await SettleAsync(now => now.Current == slot ? now.GivenUp(problem) : now, stop);
        }
    }

    /// <summary>The program's code when it ended after it was good or was stopped; null when it failed.</summary>
    private async Task<int?> TryAsync(string program, SlotEntry entry, CancellationToken stop)
    {
        if (!entry.Tried)
            await SettleAsync(now => IsCurrent(now, entry) ? now.TriedOnce() : now, stop);
        log($"Version {entry.Version} is on trial ({entry.Failures} of {options.FailuresAllowed} failures).");
        try
        {
            using Process child = AppProgram.Start(program, options.Arguments);
            using var watch = new TrialWatch(options, time);
            string? failure = await watch.WatchAsync(child, stop);
            if (stop.IsCancellationRequested || failure is not null)
                await AppProgram.EndAsync(child, StopPatience, time);
            else
            {
                await SettleAsync(now => IsCurrent(now, entry) ? now.MarkedGood() : now, stop);
                log($"Version {entry.Version} is good.");
                await WaitAsync(child, stop);
                return child.ExitCode;
            }
            if (stop.IsCancellationRequested || (child.ExitCode is EndedByTerminate or EndedByInterrupt && !watch.GaveUp) || await StopFollowsAsync(stop))
                return child.ExitCode;
            await FailAsync(entry, failure!, stop);
        }
        catch (IOException e)
        {
            await FailAsync(entry, e.Message, stop);
        }
        return null;
    }

    private async Task FailAsync(SlotEntry entry, string failure, CancellationToken stop)
    {
        log($"Version {entry.Version} failed: {failure}.");
        await SettleAsync(now => IsCurrent(now, entry) ? now.Failed(failure, options.FailuresAllowed) : now, stop);
        if (state.Of("a") is { Standing: SlotStanding.Failed } || state.Of("b") is { Standing: SlotStanding.Failed })
            log($"Version {entry.Version} is given up; slot {state.Current} is started.");
    }

    // Somebody may have taken it back meanwhile.
    private static bool IsCurrent(SlotState now, SlotEntry entry) => now.Of(now.Current)?.Number == entry.Number;

    private async Task WaitAsync(Process child, CancellationToken stop)
    {
        try
        {
            await child.WaitForExitAsync(stop);
        }
        catch (OperationCanceledException)
        {
            await AppProgram.EndAsync(child, StopPatience, time);
        }
    }

    private async Task<bool> StopFollowsAsync(CancellationToken stop)
    {
        try
        {
            await Task.Delay(StopMayFollow, time, stop);
            return false;
        }
        catch (OperationCanceledException)
        {
            return true;
        }
    }

    // A disk that takes nothing any more must not keep the car from starting: then it is so for this start alone.
    private async Task SettleAsync(Func<SlotState, SlotState> change, CancellationToken stop)
    {
        try
        {
            state = await slots.ChangeAsync(change, stop);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ReleaseException)
        {
            log($"What is started cannot be noted: {e.Message}");
            state = change(state == SlotState.New ? slots.Read() : state);
        }
    }

    // A second start in one boot means that the first one ended: then every byte is looked at before it is tried again.
    private bool StartedInThisBoot()
    {
        try
        {
            string boot = File.ReadAllText(BootFile);
            bool again = File.Exists(slots.LastStart) && File.ReadAllText(slots.LastStart) == boot;
            File.WriteAllText(slots.LastStart, boot);
            return again;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }

    private void NoteRunning(string slot)
    {
        try
        {
            slots.RunningSlot = slot;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            log($"Which slot runs cannot be noted: {e.Message}");
        }
    }
}
