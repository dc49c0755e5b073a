using System.Security.Cryptography;
using EdgeAgent.Contract;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Alerts;

/// <summary>
/// An alert that waits for the officer. Lives in memory only. Its bytes are fixed when it is made: they are what was shown, what
/// the decision's hash covers and what leaves the car. A rejected alert leaves without pictures, under a hash of its own.
/// </summary>
internal sealed class OpenAlert
{
    /// <summary>The whole event of a decided alert, pictures included (DESIGN 9).</summary>
    public const int MaxEventBytes = 12 * 1024;

    /// <summary>What is left of it for a decision with a full note, its signature and certificate, and the event's own fields.</summary>
    public const int DecisionBytes = 2560;

    public OpenAlert(Alert alert, byte[] seenJpeg, byte[] listedJpeg)
    {
        Id = Uuid7.ToGuid(alert.Id.Span);
        LastSeenUnixMs = alert.SeenAtUnixMs;
        LastCameraId = alert.CameraId;
        SeenJpeg = seenJpeg;
        ListedJpeg = listedJpeg;
        WithoutPictures = alert.ToByteArray();
        int budget = MaxEventBytes - DecisionBytes - WithoutPictures.Length;
        if (seenJpeg.Length <= budget)
            alert.SeenJpeg = ByteString.CopyFrom(seenJpeg);
        // The portrait is the list's own and the centre has it: it rides along only where there is room.
        if (seenJpeg.Length + listedJpeg.Length <= budget)
            alert.ListedJpeg = ByteString.CopyFrom(listedJpeg);
        Whole = alert.ToByteArray();
        alert.ClearPictures();
        Alert = alert;
    }

    public Guid Id { get; }

    /// <summary>The facts, without pictures.</summary>
    public Alert Alert { get; }

    public byte[] Whole { get; }

    public byte[] WithoutPictures { get; }

    public byte[] SeenJpeg { get; }

    public byte[] ListedJpeg { get; }

    /// <summary>Capture time of the frame that settled the visit.</summary>
    public required long SettledMonoMs { get; init; }

    /// <summary>When it was made, on the same clock.</summary>
    public required long ShownMonoMs { get; init; }

    public required long ShownTimestamp { get; init; }

    public required long ShownAtUnixMs { get; init; }

    public required long LapsesAtUnixMs { get; init; }

    /// <summary>Its category asks for a second officer before it counts as confirmed.</summary>
    public bool NeedsSecond { get; init; }

    /// <summary>How often the same entry was seen again while this waited.</summary>
    public int SeenAgain { get; set; }

    public long LastSeenUnixMs { get; set; }

    public string LastCameraId { get; set; }

    public bool Painted { get; set; }

    /// <summary>A decision is being written down: no other may begin.</summary>
    public bool Deciding { get; set; }

    public (string ListId, string EntryId) Entry => (Alert.ListId, Alert.EntryId);

    public void Forget()
    {
        CryptographicOperations.ZeroMemory(Whole);
        CryptographicOperations.ZeroMemory(WithoutPictures);
        CryptographicOperations.ZeroMemory(SeenJpeg);
        CryptographicOperations.ZeroMemory(ListedJpeg);
    }
}

internal static class AlertPictures
{
    public static void ClearPictures(this Alert alert)
    {
        alert.SeenJpeg = ByteString.Empty;
        alert.ListedJpeg = ByteString.Empty;
    }
}
