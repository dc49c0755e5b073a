using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgeAgent.Agent.Alerts;
using EdgeAgent.Agent.Positions;
using EdgeAgent.Contract;
using EdgeAgent.DispatchClient.Outbox;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Benchmarks.Bench;

/// <summary>Events as a car makes them, from a seed.</summary>
internal sealed class OutboxBenchEvents(int seed)
{
    private const long StartUnixMs = 1_780_000_000_000;
    private const string Officer = "officer-0417";
    private const int TrailPoints = 3600;
    private readonly Random random = new(seed);
    private long atUnixMs = StartUnixMs;

    public int Seed => seed;

    /// <summary>Steps of calls with a note of 20 to 120 characters.</summary>
    public IEnumerable<EventDraft> Steps(int count)
    {
        for (int i = 0; i < count; i++)
        {
            string note = string.Concat(Enumerable.Range(0, random.Next(20, 121)).Select(_ => (char)('a' + random.Next(26))));
            ByteString call = Bytes(16);
            yield return Draft(Lane.Calls, Priority.Urgent, e => e.CallStep = new CallStep { CallId = call, Act = CallAct.Note, Text = note });
        }
    }

    /// <summary>Bytes of one trail point, its event's own fields included: an hour at one point a second, in segments as the car cuts them.</summary>
    public double PositionBytes(OutboxStore outbox)
    {
        var coder = new TrackCoder();
        (double latitude, double longitude, double heading, double speed) = (31.2304, 121.4737, random.Next(360), 9);
        long bytes = 0;
        for (int i = 1; i <= TrailPoints; i++)
        {
            heading = (heading + random.NextDouble() * 12 - 6 + 360) % 360;
            speed = Math.Clamp(speed + random.NextDouble() * 2 - 1, 0, 28);
            latitude += speed * Math.Cos(heading * Math.PI / 180) / 111_320;
            longitude += speed * Math.Sin(heading * Math.PI / 180) / (111_320 * Math.Cos(latitude * Math.PI / 180));
            Keep(coder.Add(Place(latitude, longitude, speed, heading)));
            if (coder.Points >= PositionStage.PointsPerSegment)
                Keep(coder.Take());
        }
        Keep(coder.Take());
        return (double)bytes / TrailPoints;

        void Keep(TrackSegment? segment)
        {
            if (segment is not null)
                bytes += outbox.Append(Draft(Lane.Positions, Priority.History, e => e.Track = segment)).CalculateSize();
        }
    }

    /// <summary>Bytes of a decided alert's event whose crop just fits.</summary>
    public int AlertBytes(OutboxStore outbox)
    {
        Alert alert = Alert();
        int crop = OpenAlert.MaxEventBytes - OpenAlert.DecisionBytes - Open(alert.Clone(), 0).WithoutPictures.Length;
        byte[] shown = Open(alert, crop).Whole;
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        byte[] decision = new Decision
        {
            Id = Bytes(16),
            AlertId = alert.Id,
            AlertSha256 = ByteString.CopyFrom(SHA256.HashData(shown)),
            Verdict = Verdict.Confirmed,
            Note = "车牌与名单一致，驾驶人已核实身份，移交辖区派出所。",
            OfficerId = Officer,
            SessionId = Guid.CreateVersion7().ToString(),
            DecidedAtUnixMs = atUnixMs,
            TimeTrust = TimeTrust.Centre,
            UnitId = "unit-0001",
        }.ToByteArray();
        using X509Certificate2 unit = new CertificateRequest("CN=unit-0001", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.FromUnixTimeMilliseconds(StartUnixMs), DateTimeOffset.FromUnixTimeMilliseconds(StartUnixMs).AddYears(1));
        SignedEnvelope signed = Envelopes.Sign(Envelopes.DecisionType, decision, new EnvelopeSigner(SignerRole.Unit, key, [unit.RawData]));
        return outbox.Append(Draft(Lane.Decisions, Priority.Urgent, e => e.AlertDecided = new AlertDecided { Decision = signed, Alert = ByteString.CopyFrom(shown) }))
            .CalculateSize();
    }

    private Alert Alert()
    {
        var alert = new Alert
        {
            Id = Bytes(16),
            Kind = ListKind.Plates,
            ListId = "stolen-vehicles",
            ListVersion = 7,
            Category = ListCategory.StolenVehicle,
            EntryId = "e-000417",
            CameraId = "cam1",
            SeenAtUnixMs = atUnixMs,
            Position = Place(31.2304, 121.4737, 12, 80),
            Tone = AlertTone.Stop,
            ListedText = "沪A12345",
            ListTitleZh = "被盗抢机动车",
            ListTitleEn = "Stolen vehicles",
            Authority = "市公安局刑事侦查总队",
            LegalReference = "刑侦〔2026〕第417号",
            ListIssuedAtUnixMs = atUnixMs,
            ListValidToUnixMs = atUnixMs + 86_400_000,
            ListedNote = "白色轿车",
            Plate = new PlateReading { Text = "沪A12345", PlateClass = PlateClass.Blue, Votes = 3, Confidence = 0.99f },
        };
        alert.Plate.CharacterConfidence.AddRange(Enumerable.Repeat(0.99f, 7));
        return alert;
    }

    private OpenAlert Open(Alert alert, int cropBytes) => new(alert, new byte[cropBytes], [])
    { SettledMonoMs = 0, ShownMonoMs = 0, ShownTimestamp = 0, ShownAtUnixMs = atUnixMs, LapsesAtUnixMs = atUnixMs };

    private Position Place(double latitude, double longitude, double speed, double heading) => new()
    {
        AtUnixMs = atUnixMs += 1000,
        Fix = GnssFix._3D,
        LatitudeDegrees = latitude,
        LongitudeDegrees = longitude,
        SpeedMps = (float)speed,
        HeadingDegrees = (float)heading,
        AccuracyMetres = 3,
        OfficerId = Officer,
    };

    private EventDraft Draft(Lane lane, Priority priority, Action<Event> fill) => new(lane, priority, Officer, atUnixMs += 1000, TimeTrust.Centre, fill);

    private ByteString Bytes(int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return ByteString.CopyFrom(bytes);
    }
}
