namespace EdgeAgent.DispatchClient.Releases;

/// <summary>A bundle that is refused, or slots that cannot be worked with. The message is one sentence for a technician; <see cref="Code"/> is for scripts.</summary>
public sealed class ReleaseException(string code, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>One of <see cref="ReleaseCodes"/>.</summary>
    public string Code { get; } = code;
}

/// <summary>Why a bundle or a step is refused.</summary>
public static class ReleaseCodes
{
    /// <summary>The file does not begin as a bundle does, or ends within its signed part.</summary>
    public const string NotABundle = "not_a_bundle";

    public const string NoSignature = "unsigned";

    /// <summary>The signer's certificate does not lead to a release root of this box, or did not when the release was signed.</summary>
    public const string UnknownReleaser = "unknown_releaser";

    /// <summary>A certificate of a known root that may not release.</summary>
    public const string NotForReleases = "not_for_releases";

    public const string BadSignature = "bad_signature";

    /// <summary>Signed, and yet not a manifest that a box may follow: a path that leads out, a file twice, a size beyond bounds.</summary>
    public const string BadManifest = "bad_manifest";

    public const string ForeignProduct = "foreign_product";

    public const string ForeignArchitecture = "foreign_architecture";

    /// <summary>Not newer than what this box marked good, or than what it holds.</summary>
    public const string Older = "older";

    /// <summary>Bytes are missing at the end.</summary>
    public const string Truncated = "truncated";

    /// <summary>Bytes follow that nobody signed.</summary>
    public const string Trailing = "trailing_bytes";

    /// <summary>The bytes are not those that were signed.</summary>
    public const string Damaged = "damaged";

    public const string NoRoots = "no_release_roots";

    public const string NotFetched = "not_fetched";

    public const string NoRoom = "no_room";

    /// <summary>Another update is being written.</summary>
    public const string Busy = "busy";

    /// <summary>The slot to be written is the one that runs.</summary>
    public const string SlotInUse = "slot_in_use";

    /// <summary>An earlier update has not been marked good or failed yet.</summary>
    public const string OnTrial = "on_trial";

    public const string NothingBefore = "nothing_before";

    /// <summary>A roll-back from a release that is not the one that is started.</summary>
    public const string NotRunning = "not_running";

    /// <summary>A roll-back to a release that this box does not hold any more.</summary>
    public const string NotHeld = "not_held";

    public const string NothingToStart = "nothing_to_start";

    /// <summary>An application of these slots runs already.</summary>
    public const string AlreadyRuns = "already_runs";

    public static IReadOnlyList<string> All { get; } =
    [
        NotABundle, NoSignature, UnknownReleaser, NotForReleases, BadSignature, BadManifest, ForeignProduct, ForeignArchitecture, Older, Truncated,
        Trailing, Damaged, NoRoots, NotFetched, NoRoom, Busy, SlotInUse, OnTrial, NothingBefore, NotRunning, NotHeld, NothingToStart, AlreadyRuns,
    ];
}
