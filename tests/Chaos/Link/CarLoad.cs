using EdgeAgent.Contract;
using EdgeAgent.DispatchClient.Outbox;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Chaos.Link;

/// <summary>Events as a car makes them, from a seed.</summary>
internal sealed class CarLoad(Random random, TimeProvider time)
{
    private const string Officer = "010001";

    public long NowUnixMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    public Position Place() => new()
    {
        AtUnixMs = NowUnixMs,
        Fix = GnssFix._3D,
        LatitudeDegrees = 31.2304 + (random.NextDouble() / 100),
        LongitudeDegrees = 121.4737 + (random.NextDouble() / 100),
        SpeedMps = 9,
        HeadingDegrees = 80,
        AccuracyMetres = 3,
        OfficerId = Officer,
    };

    /// <summary>Ten seconds of the trail.</summary>
    public EventDraft Trail()
    {
        var track = new TrackSegment { Base = Place() };
        for (int point = 0; point < 10; point++)
        {
            track.TimeDelta.Add(1000);
            track.LatitudeDelta.Add(random.Next(-200, 200));
            track.LongitudeDelta.Add(random.Next(-200, 200));
            track.SpeedDelta.Add(random.Next(-20, 20));
            track.HeadingDelta.Add(random.Next(-50, 50));
        }
        return Draft(Lane.Positions, Priority.History, e => e.Track = track);
    }

    /// <summary>As large as a decided alert with its two pictures.</summary>
    public EventDraft Decision() => Note(Lane.Decisions, Priority.Urgent, random.Next(3_000, 9_500));

    public EventDraft Status() => Note(Lane.Status, Priority.Normal, 120);

    public EventDraft Evidence() => Note(Lane.Evidence, Priority.Evidence, 200, random.Next(60_000, 180_000));

    private EventDraft Note(Lane lane, Priority priority, int characters, int picture = 0)
    {
        string text = string.Create(characters, random, (span, from) =>
        {
            foreach (ref char letter in span)
                letter = (char)from.Next('!', '~');
        });
        AttachmentDraft[] attachments = [];
        if (picture > 0)
        {
            var content = new byte[picture];
            random.NextBytes(content);
            attachments = [AttachmentDraft.OfBytes(AttachmentRole.Photo, "image/jpeg", content)];
        }
        var call = Google.Protobuf.ByteString.CopyFrom(Uuid7.New(time));
        return Draft(lane, priority, e => e.CallStep = new CallStep { CallId = call, Act = CallAct.Note, Text = text }, attachments);
    }

    private EventDraft Draft(Lane lane, Priority priority, Action<Event> fill, params AttachmentDraft[] attachments) =>
        new(lane, priority, Officer, NowUnixMs, TimeTrust.Centre, fill, attachments);
}
