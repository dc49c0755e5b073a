using Patrol.Dispatch.V1;

namespace EdgeAgent.DispatchClient.Releases;

/// <summary>A bundle into the inactive slot: verified, written, read back, switched to. Every step may be the last one before a power cut.</summary>
public sealed class SlotUpdate(AppSlots slots, ReleaseTrust trust)
{
    // What the car writes meanwhile.
    private const long RoomBytes = 64L << 20;

    /// <summary>Returns what is tried from the next start on.</summary>
    /// <exception cref="ReleaseException">Refused, or not possible now; what is started is the same as before.</exception>
    public async Task<SlotEntry> InstallAsync(string bundleFile, Action<ReleaseProgress>? progress, CancellationToken stop)
    {
        await using FileStream alone = await slots.HoldAsync(slots.UpdateLock, TimeSpan.Zero, stop)
            ?? throw new ReleaseException(ReleaseCodes.Busy, "Another update is being written: wait for it.");
        using Bundle bundle = Bundle.Open(bundleFile, trust);
        ReleaseManifest manifest = bundle.Manifest;
        SlotState state = slots.Read();
        RefuseOlder(manifest, state);
        if (state.OnTrial)
            throw new ReleaseException(ReleaseCodes.OnTrial, $"Version {state.Of(state.Current)!.Version} is on trial: wait until it is good, or take it back first (edgectl rollback).");
        string slot = state.Inactive;
        RefuseRunning(slot);
        bundle.VerifyPayload(progress);
        // The state forgets what was in the slot before anything of it goes.
        state = await slots.ChangeAsync(now => now.With(slot, null), stop);
        try
        {
            slots.Empty(slot);
            RefuseFull(manifest);
            bundle.Extract(slots.Files(slot), progress);
        }
        catch (IOException e) when (SlotFiles.IsDiskFull(e))
        {
            slots.Empty(slot);
            throw new ReleaseException(ReleaseCodes.NoRoom, $"The disk is full: the release needs {Mebibytes(manifest)} MiB beside the one that runs.", e);
        }
        if (AppSlots.Problem(slots.Files(slot), manifest, SlotLook.Bytes, progress) is { } problem)
            throw new ReleaseException(ReleaseCodes.Damaged, $"What was written does not read back as it was ({problem}): the disk may be failing.");
        stop.ThrowIfCancellationRequested();
        slots.Seal(slot, bundle.EnvelopeBytes);
        var tried = new SlotEntry(manifest.Version, manifest.Number, SlotStanding.Trial);
        _ = await slots.ChangeAsync(
            now => now.Inactive == slot ? now.Switched(tried) : throw new ReleaseException(ReleaseCodes.Busy, "The slots were changed meanwhile: try again."), stop);
        return tried;
    }

    /// <summary>Back to the version in the other slot where it was good, else to what the box came with. From the next start on; the floor stays.</summary>
    /// <exception cref="ReleaseException">nothing_before.</exception>
    public static async Task<SlotState> RollBackAsync(AppSlots slots, string why, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(slots);
        return await slots.ChangeAsync(
            state => state switch
            {
                { OnTrial: true } => state.GivenUp(why),
                { Current: SlotState.Factory } => throw new ReleaseException(ReleaseCodes.NothingBefore, "This box runs what it was installed with: there is nothing before it."),
                _ => state with { Current = state.Before },
            }, stop, why);
    }

    /// <summary>Back from one release to another that is still here, and nowhere else. From the next start on; the floor stays.</summary>
    /// <returns>The state after it; it is the one before where the box runs that other release already.</returns>
    /// <exception cref="ReleaseException">not_running, not_held, busy.</exception>
    public static async Task<SlotState> RollBackAsync(AppSlots slots, string leave, string backTo, string why, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(slots);
        return await slots.ChangeAsync(
            state =>
            {
                string current = slots.VersionIn(state, state.Current);
                if (current == backTo)
                    return state;
                if (current != leave)
                    throw new ReleaseException(ReleaseCodes.NotRunning, $"This box is to leave {leave} and runs '{current}'.");
                bool held = state.Of(state.Inactive) is { Standing: SlotStanding.Good } other && other.Version == backTo;
                string to = held ? state.Inactive : SlotState.Factory;
                if (!held && slots.VersionIn(state, SlotState.Factory) != backTo)
                    throw new ReleaseException(ReleaseCodes.NotHeld, $"Release {backTo} is neither in the other slot nor what this box was installed with.");
                return (state.OnTrial ? state.GivenUp(why) : state) with { Current = to };
            }, stop, why);
    }

    private static void RefuseOlder(ReleaseManifest manifest, SlotState state)
    {
        ulong held = state.Of(state.Current) is { } current ? Math.Max(state.Floor, current.Number) : state.Floor;
        if (manifest.Number <= held)
            throw new ReleaseException(ReleaseCodes.Older, $"Release {manifest.Version} has the number {manifest.Number}, and this box takes none up to {held}: what was mended must not come back.");
    }

    // What was given up a moment ago may still run until the next start, and reads its files as it needs them.
    private void RefuseRunning(string slot)
    {
        using FileStream? free = SlotFiles.TryLock(slots.RunningLock);
        if (free is null && slots.RunningSlot == slot)
            throw new ReleaseException(ReleaseCodes.SlotInUse, $"The version in slot {slot} still runs: start the agent anew first (systemctl restart edge-agent).");
    }

    private void RefuseFull(ReleaseManifest manifest)
    {
        if (new DriveInfo(slots.Root).AvailableFreeSpace < manifest.Files.Sum(file => (long)file.SizeBytes) + RoomBytes)
            throw new ReleaseException(ReleaseCodes.NoRoom, $"There is no room on the disk for {Mebibytes(manifest)} MiB and {RoomBytes >> 20} MiB to work with.");
    }

    private static long Mebibytes(ReleaseManifest manifest) => manifest.Files.Sum(file => (long)file.SizeBytes) >> 20;
}
