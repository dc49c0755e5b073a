namespace EdgeAgent.Edgectl.Flash;

/// <summary>Why a disk is not written.</summary>
internal static class FlashCodes
{
    public const string NotRoot = "not_root", ToolMissing = "tool_missing", ToolFailed = "tool_failed";

    /// <summary>Neither a whole disk nor a file.</summary>
    public const string NotADisk = "not_a_disk";

    /// <summary>Something on it is mounted, swapped to, or a part of something else.</summary>
    public const string InUse = "in_use";

    public const string TooSmall = "too_small";

    /// <summary>The bundle is not signed by who may release, or the image is none of a box's system.</summary>
    public const string BadSystem = "bad_system";

    public const string NotConfirmed = "not_confirmed";

    /// <summary>What was written does not read back.</summary>
    public const string Damaged = "damaged";
}
