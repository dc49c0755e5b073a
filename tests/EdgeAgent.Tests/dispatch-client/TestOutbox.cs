using EdgeAgent.DispatchClient.Outbox;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.DispatchClient;

internal static class TestOutbox
{
    public static readonly PayloadSeal Seal = PayloadSeal.AesGcm(Enumerable.Range(0, 32).Select(i => (byte)i).ToArray());

    public static OutboxStore Open(string directory, long maxBytes = 1L << 30) =>
        OutboxStore.Open(new OutboxOptions { Directory = directory, MaxBytes = maxBytes }, Seal, TimeProvider.System);

    public static EventDraft Note(string text, Lane lane = Lane.Calls, Priority priority = Priority.Urgent, params byte[][] attachments) => new(
        lane,
        priority,
        "officer-7",
        1_780_000_000_000,
        TimeTrust.Centre,
        happened => happened.CallStep = new CallStep { Act = CallAct.Note, Text = text },
        [.. attachments.Select(content => AttachmentDraft.OfBytes(AttachmentRole.Photo, "image/jpeg", content))]);

    public static EventDraft Trail(int bytes = 200) => Note(new string('t', bytes), Lane.Positions, Priority.History);

    public static EventDraft Clip(int bytes = 200, params byte[][] attachments) => Note(new string('c', bytes), Lane.Evidence, Priority.Evidence, attachments);

    public static EventAck Ack(Event happened, AckStatus status = AckStatus.Stored, string code = "", string detail = "") =>
        new() { EventId = happened.Id, Status = status, Code = code, Detail = detail };

    public static IReadOnlyList<Event> LeaseAll(this OutboxStore outbox) => outbox.Lease(100_000, int.MaxValue);

    /// <summary>A session in which everything is sent and these are answered.</summary>
    public static void Answer(this OutboxStore outbox, IEnumerable<EventAck> acks)
    {
        _ = outbox.LeaseAll();
        _ = outbox.Acknowledge([.. acks]);
        outbox.ReleaseLeases();
    }

    public static byte[] Noise(int seed, int length)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    public static byte[] Sha256(byte[] content) => System.Security.Cryptography.SHA256.HashData(content);

    public static byte[] Content(this OutboxStore outbox, byte[] sha256, long offset = 0)
    {
        using var all = new MemoryStream();
        using var pieces = outbox.ReadAttachment(sha256, offset);
        while (pieces!.MoveNext())
            all.Write(pieces.Current.Span);
        return all.ToArray();
    }
}
