using Dapper;
using EdgeAgent.Contract;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Patrol.Dispatch.V1;

namespace EdgeAgent.DispatchClient.Outbox;

/// <summary>
/// What happened in the car and has yet to be known at the centre. One process writes (a lock file sees to it), any thread may
/// call. What an append returned is on disk: SQLite with a write-ahead log, synced at every commit.
/// </summary>
public sealed partial class OutboxStore : IAsyncDisposable
{
    // What a row costs beside its payload: columns, indexes, page overhead.
    private const int RowOverheadBytes = 160;

    private readonly Lock gate = new();
    private readonly OutboxOptions options;
    private readonly PayloadSeal seal;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly FileStream writerLock;
    private readonly SqliteConnection connection;
    private readonly AttachmentFiles files;
    private readonly EventInsert insert;
    private readonly Dictionary<Lane, ulong> nextNumbers;
    private long storedBytes;
    private long newestAge;
    private OutboxCounts? counts;

    private OutboxStore(
        OutboxOptions options, PayloadSeal seal, TimeProvider time, ILogger logger, FileStream writerLock, OpenedDatabase database)
    {
        this.options = options;
        this.seal = seal;
        this.time = time;
        this.logger = logger;
        this.writerLock = writerLock;
        connection = database.Connection;
        reserve = database.Reserve;
        Quarantine = database.Quarantine;
        files = new AttachmentFiles(OpenedDatabase.AttachmentsOf(options), seal, options.MaxAttachmentBytes);
        insert = new EventInsert(connection);
        Incarnation = connection.ExecuteScalar<byte[]>("SELECT value FROM store WHERE key = 'incarnation'")!;
        nextNumbers = connection.Query<(long Lane, long Next)>(
            """
            SELECT lane, max(next_number, coalesce(1 + (SELECT max(key) FROM events WHERE key BETWEEN lanes.lane << 48 AND (lanes.lane << 48) | 0xFFFFFFFFFFFF), 0) & 0xFFFFFFFFFFFF) FROM lanes
            """).ToDictionary(row => (Lane)row.Lane, row => (ulong)row.Next);
        (storedBytes, newestAge) = connection.QuerySingle<(long, long)>(
            """
            SELECT coalesce(sum(size_bytes), 0) + (SELECT coalesce(sum(stored_bytes), 0) FROM files), coalesce(max(age), 0) FROM events
            """);
        lookForSpace = time.CreateTimer(_ => LookForSpace(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Names this outbox: 16 bytes, new whenever a new one is begun. Lane numbers are unique within it.</summary>
    public byte[] Incarnation { get; }

    /// <summary>Where a damaged predecessor was put when this outbox was opened, null if it was sound.</summary>
    public string? Quarantine { get; }

    /// <summary>Raised after an append, outside any lock, with the most urgent priority in it.</summary>
    internal event Action<Priority>? HasAppended;

    /// <summary>Events that were ever appended, in this incarnation.</summary>
    public long Appended
    {
        get
        {
            lock (gate)
                return nextNumbers.Values.Sum(next => (long)next - 1);
        }
    }

    /// <summary>How full the outbox is.</summary>
    public OutboxCounts Counts
    {
        get
        {
            lock (gate)
                return counts ??= Count();
        }
    }

    /// <summary>What the centre refused, oldest first, at most 1,000.</summary>
    public IReadOnlyList<RefusedEvent> Refused
    {
        get
        {
            lock (gate)
            {
                return [.. connection.Query<(byte[] Id, long Lane, long Number, long Captured, string? Code, string? Detail)>(
                    """
                    SELECT id, lane, number, captured_at_unix_ms, code, detail FROM events WHERE state = @Refused
                    ORDER BY priority, age LIMIT 1000
                    """,
                    new { EventState.Refused })
                    .Select(row => new RefusedEvent(
                        Uuid7.ToGuid(row.Id), (Lane)row.Lane, (ulong)row.Number, row.Captured, row.Code ?? "", row.Detail ?? ""))];
            }
        }
    }

    /// <summary>Opens the outbox, making it if there is none. A damaged one is put aside, see <see cref="Quarantine"/>.</summary>
    /// <exception cref="OutboxException">bad_options, in_use, newer_schema, wrong_key, disk_full.</exception>
    public static OutboxStore Open(OutboxOptions options, PayloadSeal seal, TimeProvider time, ILoggerFactory? loggers = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(seal);
        ArgumentNullException.ThrowIfNull(time);
        if (options.Faults() is { Count: > 0 } faults)
            throw new OutboxException("bad_options", string.Join(' ', faults));
        var logger = (ILogger?)loggers?.CreateLogger<OutboxStore>() ?? NullLogger.Instance;
        var writerLock = OpenedDatabase.TakeWriterLock(options);
        try
        {
            var database = OpenedDatabase.Open(options, seal, time, logger);
            var store = new OutboxStore(options, seal, time, logger, writerLock, database);
            store.Begin();
            return store;
        }
        catch
        {
            writerLock.Dispose();
            throw;
        }
    }

    private void Begin()
    {
        lock (gate)
        {
            // Left out by a crash, or the disk is full from the start.
            if (!reserve.IsWhole)
                MeetFull();
            Durably(MatchFilesWithRows);
            EnforceBudget();
        }
    }

    /// <summary>Appends one event. It is on disk, with its number, when this returns.</summary>
    /// <param name="draft">What to append.</param>
    /// <param name="also">
    /// Writes the caller's own tables in the same transaction; must not call back into the outbox. Called again when the transaction
    /// has to be, because the disk was full.
    /// </param>
    /// <exception cref="OutboxException">
    /// event_too_large, attachment_too_large, disk_full; nothing was stored. While the disk is full this is thrown for trail, health
    /// and evidence (priority evidence or history in a lane other than decisions, calls and audit) and counted in
    /// <see cref="OutboxCounts.NotTaken"/>; for anything else only when reserve and everyday events are used up. An attachment of
    /// what must be taken that finds no room is parked as refused with code disk_full: its event is stored and names it by its hash.
    /// </exception>
    public Event Append(EventDraft draft, Action<SqliteConnection, SqliteTransaction>? also = null) => AppendMany([draft], also)[0];

    /// <param name="draft">What to append.</param>
    /// <param name="also">The same, told the event with its id and number.</param>
    /// <inheritdoc cref="Append(EventDraft, Action{SqliteConnection, SqliteTransaction})"/>
    public Event Append(EventDraft draft, Action<SqliteConnection, SqliteTransaction, Event> also) =>
        AppendAll([draft], (connection, transaction, events) => also(connection, transaction, events[0]))[0];

    /// <summary>Appends several events as one: all are on disk when this returns, or none. One sync for all of them.</summary>
    /// <inheritdoc cref="Append(EventDraft, Action{SqliteConnection, SqliteTransaction})"/>
    public IReadOnlyList<Event> AppendMany(IReadOnlyList<EventDraft> drafts, Action<SqliteConnection, SqliteTransaction>? also = null) =>
        AppendAll(drafts, also is null ? null : (connection, transaction, _) => also(connection, transaction));

    private List<Event> AppendAll(IReadOnlyList<EventDraft> drafts, Action<SqliteConnection, SqliteTransaction, IReadOnlyList<Event>>? also)
    {
        ArgumentNullException.ThrowIfNull(drafts);
        lock (gate)
            RefuseWhileFull(drafts);
        var staged = new Dictionary<string, AttachmentFiles.Staged>();
        try
        {
            var mustGoThrough = MustGoThrough(drafts);
            var references = drafts.Select(draft => Stage(draft, staged, mustGoThrough)).ToList();
            List<Event> events;
            lock (gate)
            {
                try
                {
                    events = InsertMakingRoom(drafts, references, staged, also);
                }
                catch
                {
                    DeleteUnreferenced(staged.Values.Select(file => file.Sha256));
                    throw;
                }
                counts = null;
                EnforceBudget();
            }
            if (drafts.Count > 0)
                HasAppended?.Invoke(drafts.Min(draft => draft.Priority));
            return events;
        }
        finally
        {
            foreach (var file in staged.Values)
                AttachmentFiles.Discard(file);
        }
    }

    /// <summary>A transaction of the caller's own tables, on disk when this returns. A full disk does not stop it: see <see cref="Append"/>.</summary>
    /// <exception cref="OutboxException">disk_full: nothing is left to make room with; nothing was written.</exception>
    public void Write(Action<SqliteConnection, SqliteTransaction> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        lock (gate)
        {
            Durably(() =>
            {
                using var transaction = connection.BeginTransaction();
                write(connection, transaction);
                transaction.Commit();
            });
        }
    }

    /// <summary>Reads the caller's own tables.</summary>
    public T Read<T>(Func<SqliteConnection, T> read)
    {
        ArgumentNullException.ThrowIfNull(read);
        lock (gate)
            return read(connection);
    }

    /// <summary>Brings the caller's own tables to their newest version: scripts numbered from 1, each run once, in order.</summary>
    /// <exception cref="OutboxException">newer_schema, disk_full.</exception>
    public void Migrate(string component, IReadOnlyList<string> scripts)
    {
        lock (gate)
            Durably(() => OutboxSchema.Migrate(connection, component, scripts));
    }

    /// <summary>Keeps an event's row and attachments when space runs short, or lets go of them again.</summary>
    /// <returns>False when the event is not here any more.</returns>
    /// <remarks>Reads every row: holds are rare.</remarks>
    public bool SetHold(ReadOnlySpan<byte> eventId, bool hold)
    {
        var id = eventId.ToArray();
        lock (gate)
            return Durably(() => connection.Execute("UPDATE events SET held = @hold WHERE id = @id", new { hold, id })) > 0;
    }

    public ValueTask DisposeAsync()
    {
        lock (gate)
        {
            disposed = true;
            lookForSpace.Dispose();
            insert.Dispose();
            connection.Dispose();
            reserve.Dispose();
            writerLock.Dispose();
        }
        return ValueTask.CompletedTask;
    }

    private OutboxCounts Count()
    {
        var states = connection.Query<(long State, long Events)>("SELECT state, count(*) FROM events GROUP BY state")
            .ToDictionary(row => (EventState)row.State, row => row.Events);
        var attachments = connection.ExecuteScalar<long>(
            "SELECT count(*) FROM attachments WHERE state = @Pending", new { AttachmentState.Pending });
        // The oldest of each priority is at the front of the queue's index; a minimum over all rows would read all rows.
        var oldest = connection.ExecuteScalar<long?>(
            """
            SELECT min(appended_at_unix_ms) FROM events WHERE key IN (
                SELECT * FROM (SELECT key FROM events WHERE state = 0 AND priority = 1 ORDER BY age LIMIT 1) UNION ALL
                SELECT * FROM (SELECT key FROM events WHERE state = 0 AND priority = 2 ORDER BY age LIMIT 1) UNION ALL
                SELECT * FROM (SELECT key FROM events WHERE state = 0 AND priority = 3 ORDER BY age LIMIT 1) UNION ALL
                SELECT * FROM (SELECT key FROM events WHERE state = 0 AND priority = 4 ORDER BY age LIMIT 1))
            """);
        return new OutboxCounts(
            states.GetValueOrDefault(EventState.Pending),
            states.GetValueOrDefault(EventState.Acknowledged),
            states.GetValueOrDefault(EventState.Refused),
            attachments,
            storedBytes,
            connection.ExecuteScalar<long?>("SELECT value FROM store WHERE key = 'dropped'") ?? 0,
            oldest,
            diskFullSince?.ToUnixTimeMilliseconds(),
            notTaken);
    }
}
