using System.Diagnostics;
using System.Globalization;
using System.Text;
using EdgeAgent.Agent.Audit;
using EdgeAgent.Contract;
using EdgeAgent.DispatchClient.Outbox;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Chaos.Power;

/// <summary>
/// The traced program: both sides at work, and a book of what was promised, written after each promise and read out of the
/// trace, so that the order of promises and of syncs is the kernel's.
/// </summary>
internal static class CutWriter
{
    public const string Book = "book";

    /// <param name="folder">Of <see cref="TwoSides.Make"/>.</param>
    /// <param name="seed">What is done follows from it.</param>
    /// <param name="steps">How much is done.</param>
    /// <param name="killed">Ends by SIGKILL in the middle instead of in order.</param>
    public static async Task RunAsync(string folder, int seed, int steps, bool killed)
    {
        var random = new Random(seed);
        await using var book = new FileStream(Path.Combine(folder, Book), FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
        await using TwoSides sides = TwoSides.Open(folder);
        for (int step = 0; step < steps; step++)
            await StepAsync(sides, random, line => book.Write(Encoding.ASCII.GetBytes(line + "\n")));
        if (killed)
            Process.GetCurrentProcess().Kill();
    }

    private static async Task StepAsync(TwoSides sides, Random random, Action<string> promise)
    {
        switch (random.Next(13))
        {
            case 10 or 11:
                string detail = new('d', random.Next(1, 200));
                Event recorded = sides.Car.Ledger.Record(
                    new AuditDraft(AuditKind.AlertConfirmed, "010001", "session", "alert", "decision"), Lane.Decisions, Priority.Urgent, "010001", Note(random), detail);
                promise(Line(recorded));
                promise($"head {sides.Car.Head}");
                break;
            case 12:
                sides.Car.Ledger.Note(new AuditDraft(AuditKind.Check, "010001", "session", "look-up", new string('p', random.Next(1, 300))));
                promise($"head {sides.Car.Head}");
                sides.Car.Clock.CentreSaid(sides.Car.Clock.NowUnixMs + random.Next(1000));
                break;
            case < 4:
                foreach (Event appended in sides.Outbox.AppendMany([.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => Draft(random))]))
                    promise(Line(appended));
                break;
            case < 7:
                bool arrives = random.Next(4) > 0;
                _ = await sides.DeliverEventsAsync(random.Next(1, 12), acks =>
                {
                    foreach (EventAck ack in acks)
                        promise($"stored {Convert.ToHexString(ack.EventId.Span)}");
                    return arrives;
                });
                break;
            case < 9:
                if (await sides.DeliverEvidenceAsync(random.Next(3) == 0 ? random.Next(1, 150_000) : null) is { } hash)
                    promise($"kept {Convert.ToHexString(hash)}");
                break;
            case 9:
                sides.PassWatermarks();
                break;
        }
    }

    private static string Line(Event appended) => string.Create(
        CultureInfo.InvariantCulture,
        $"appended {(int)appended.Lane} {appended.Number} {Convert.ToHexString(appended.Id.Span)} {string.Join(',', appended.Attachments.Select(a => Convert.ToHexString(a.Sha256.Span)))}");

    private static EventDraft Draft(Random random)
    {
        (Lane lane, Priority priority) = random.Next(4) switch
        {
            0 => (Lane.Decisions, Priority.Urgent),
            1 => (Lane.Positions, Priority.History),
            2 => (Lane.Evidence, Priority.Evidence),
            _ => (Lane.Calls, Priority.Urgent),
        };
        Action<Event> fill = Note(random);
        AttachmentDraft[] attachments = lane is Lane.Evidence or Lane.Decisions && random.Next(2) == 0 ? [Picture(random)] : [];
        return new EventDraft(lane, priority, "010001", 1_780_000_000_000, TimeTrust.Centre, fill, attachments);
    }

    private static Action<Event> Note(Random random)
    {
        var call = Google.Protobuf.ByteString.CopyFrom(Uuid7.New(TimeProvider.System));
        string text = new('n', random.Next(10, 900));
        return e => e.CallStep = new CallStep { CallId = call, Act = CallAct.Note, Text = text };
    }

    private static AttachmentDraft Picture(Random random)
    {
        // Some above one sealed block, so that an upload can break off behind a whole one.
        var content = new byte[random.Next(2) == 0 ? random.Next(66_000, 200_000) : random.Next(500, 20_000)];
        random.NextBytes(content);
        return AttachmentDraft.OfBytes(AttachmentRole.Photo, "image/jpeg", content);
    }
}
