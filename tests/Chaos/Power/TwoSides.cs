using System.Security.Cryptography;
using EdgeAgent.CommandCentre.Attachments;
using EdgeAgent.CommandCentre.Gateways;
using EdgeAgent.CommandCentre.Calls;
using EdgeAgent.CommandCentre.ConsoleApi;
using EdgeAgent.CommandCentre.Identity;
using EdgeAgent.CommandCentre.Sessions;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.DispatchClient.Outbox;
using Microsoft.Data.Sqlite;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Chaos.Power;

/// <summary>The car's storage and the centre's over one folder, and the ways of data between them without a network.</summary>
internal sealed class TwoSides : IAsyncDisposable
{
    public const string UnitId = "PB-1";

    private readonly Sealing sealing;
    private readonly CommitQueue commits;
    private readonly EventIntake intake;
    private readonly EvidenceFiles files;
    private readonly EvidenceTable evidence;

    private TwoSides(string folder)
    {
        var data = new DataFolder(CentreOf(folder));
        Database = CentreDatabase.Open(data.Database);
        sealing = CentreKeys.LoadSealing(data);
        commits = new CommitQueue(Database);
        intake = new EventIntake(commits, new DecisionCheck(new UnitTable(Database)), Calls(), sealing, new Gateway(Database), TimeProvider.System);
        files = new EvidenceFiles(data, sealing);
        evidence = new EvidenceTable(Database);
        Car = CarBooks.Open(CarOf(folder));
    }

    public CarBooks Car { get; }

    public OutboxStore Outbox => Car.Outbox;

    public CentreDatabase Database { get; }

    private CallSteps Calls()
    {
        var calls = new CallTable(Database, sealing);
        var writer = new CallWriter(calls, new CallEntryTable(Database, sealing), new CommandTable(Database, sealing), new CallOptions(), TimeProvider.System);
        return new CallSteps(calls, writer, new CallNews(new SessionRegistry(), new ConsoleFeed()));
    }

    /// <summary>Keys, an empty database and the unit; the car has its identity and nothing else.</summary>
    public static void Make(string folder)
    {
        var data = new DataFolder(CentreOf(folder));
        _ = CentreKeys.Create(data, TimeProvider.System);
        var database = CentreDatabase.Open(data.Database);
        _ = database.Write(transaction =>
        {
            UnitTable.Register(transaction, UnitId, "Car 1", 1);
            return 0;
        });
        database.Checkpoint();
        Directory.CreateDirectory(CarOf(folder));
        CarBooks.Enrol(CarOf(folder), data, UnitId);
    }

    public static TwoSides Open(string folder) => new(folder);

    /// <summary>One batch from the car to the centre, whose answer may be lost on its way back.</summary>
    /// <returns>Those that the centre acknowledged.</returns>
    /// <exception cref="InvalidDataException">The centre refused an event.</exception>
    public async Task<IReadOnlyList<EventAck>> DeliverEventsAsync(int most, Func<IReadOnlyList<EventAck>, bool> answerArrives)
    {
        IReadOnlyList<Event> batch = Outbox.Lease(most, 1 << 20);
        if (batch.Count == 0)
            return [];
        EventAcks acks = await intake.StoreAsync(UnitId, Outbox.Incarnation, new EventBatch { Events = { batch } }, CancellationToken.None);
        if (acks.Acks.FirstOrDefault(ack => ack.Status == AckStatus.Refused) is { } refused)
            throw new InvalidDataException($"the centre refused an event: {refused.Code} {refused.Detail}");
        if (answerArrives(acks.Acks))
            _ = Outbox.Acknowledge(acks.Acks);
        Outbox.ReleaseLeases();
        return acks.Acks;
    }

    /// <summary>One attachment, from where the centre has it; the way of EvidenceUplink and EvidenceService.</summary>
    /// <param name="least">The connection breaks after so many bytes; null: it holds.</param>
    /// <returns>The content's hash once it is whole at the centre, null when nothing waits or it broke off.</returns>
    public async Task<byte[]?> DeliverEvidenceAsync(int? least)
    {
        if (Outbox.AttachmentsToSend(1) is not [var (eventId, reference)])
            return null;
        byte[] hash = reference.Sha256.ToByteArray();
        if (evidence.CompleteSize(hash) is null && !await UploadAsync(eventId, hash, reference, least))
            return null;
        Outbox.AttachmentDelivered(hash);
        return hash;
    }

    private async Task<bool> UploadAsync(byte[] eventId, byte[] hash, AttachmentRef reference, int? least)
    {
        long size = evidence.AnnouncedSize(UnitId, eventId, hash) ?? throw new InvalidDataException("the centre does not know of an acknowledged event's attachment");
        using EvidenceUpload upload = files.TryBegin(UnitId, hash)!;
        using IEnumerator<ReadOnlyMemory<byte>>? pieces = Outbox.ReadAttachment(hash, upload.Bytes);
        while (pieces is not null && pieces.MoveNext())
        {
            upload.Append(pieces.Current.Span);
            if (upload.Bytes >= least)
                return false;
        }
        if (pieces is null || upload.Bytes != size || !upload.Finish())
            return false;
        _ = await commits.CommitAsync(transaction => EvidenceTable.Complete(transaction, hash, size, reference.MediaType, UnitId, 1));
        return true;
    }

    /// <summary>The centre says up to where everything is safe; the car lets go of it.</summary>
    public void PassWatermarks()
    {
        foreach (LaneWatermark lane in Database.Read(c => EventTable.Watermarks(c, UnitId, Outbox.Incarnation)))
            Outbox.Forget(lane.Lane, lane.Number);
    }

    public UnitLedger Books() => new EventLedger(Database, sealing).Units(UnitId, withIds: true, withDecisions: false).Single();

    /// <summary>Whether the centre holds exactly this content.</summary>
    public bool HasEvidence(byte[] hash)
    {
        if (evidence.CompleteSize(hash) is null || !File.Exists(files.PathOf(hash)))
            return false;
        using SealedFile file = SealedFile.OpenToRead(files.PathOf(hash), sealing);
        using var content = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        while (file.TryReadBlock(out ReadOnlyMemory<byte> block))
            content.AppendData(block.Span);
        return content.GetHashAndReset().AsSpan().SequenceEqual(hash);
    }

    private static string CentreOf(string folder) => Path.Combine(folder, "centre");

    private static string CarOf(string folder) => Path.Combine(folder, "car");

    public async ValueTask DisposeAsync()
    {
        await Outbox.DisposeAsync();
        Car.Dispose();
        await commits.DisposeAsync();
        sealing.Dispose();
        using var pooled = (SqliteConnection)Database.Connect();
        SqliteConnection.ClearPool(pooled);
    }
}
