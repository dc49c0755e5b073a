using System.Runtime.ExceptionServices;
using Dapper;
using EdgeAgent.Contract;
using Google.Protobuf;
using Microsoft.Data.Sqlite;
using Patrol.Dispatch.V1;

namespace EdgeAgent.DispatchClient.Outbox;

/// <summary>How drafts become rows: files first, synced, then one transaction that numbers and names them.</summary>
public sealed partial class OutboxStore
{
    private const int SealedTogether = 32;

    private List<AttachmentRef> Stage(EventDraft draft, Dictionary<string, AttachmentFiles.Staged> staged, bool mustGoThrough)
    {
        var references = new List<AttachmentRef>();
        foreach (var attachment in draft.Attachments ?? [])
        {
            var file = StageMakingRoom(attachment, mustGoThrough);
            if (!staged.TryAdd(AttachmentFiles.NameOf(file.Sha256), file))
                AttachmentFiles.Discard(file);
            if (references.Any(reference => reference.Sha256.Span.SequenceEqual(file.Sha256)))
                continue;
            references.Add(new AttachmentRef
            {
                Sha256 = ByteString.CopyFrom(file.Sha256),
                SizeBytes = (ulong)file.SizeBytes,
                MediaType = attachment.MediaType,
                Role = attachment.Role,
            });
        }
        return references;
    }

    // A picture may cost the upper half of the reserve, and what is worth less. Beyond that only its hash is taken. Little at a time
    // is given, since what the picture does not need is anybody's.
    private AttachmentFiles.Staged StageMakingRoom(AttachmentDraft attachment, bool mustGoThrough)
    {
        for (long bytes = 2 * AttachmentFiles.SegmentBytes; ; bytes = Math.Min(2 * bytes, reserve.PieceBytes))
        {
            try
            {
                return files.Stage(attachment);
            }
            catch (IOException e) when (DiskFull.Is(e))
            {
                lock (gate)
                {
                    MeetFull();
                    if (!mustGoThrough)
                    {
                        notTaken++;
                        throw DiskFull.NotNow(options.Directory, reserve.NeededBytes);
                    }
                    if (!(DropForRoom() || (reserve.IsForPictures && reserve.GiveBack(bytes))))
                        return files.Measure(attachment);
                }
            }
        }
    }

    private List<Event> InsertMakingRoom(
        IReadOnlyList<EventDraft> drafts,
        List<List<AttachmentRef>> references,
        Dictionary<string, AttachmentFiles.Staged> staged,
        Action<SqliteConnection, SqliteTransaction, IReadOnlyList<Event>>? also)
    {
        if (MustGoThrough(drafts))
            return Durably(() => InsertAll(drafts, references, staged, also));
        try
        {
            return InsertAll(drafts, references, staged, also);
        }
        catch (Exception e) when (DiskFull.Is(e))
        {
            MeetFull();
            // Room is made all the same: what must be taken comes next, and so do acknowledgements.
            _ = MakeRoom(giveFirst: true);
            notTaken += drafts.Count;
            throw DiskFull.NotNow(options.Directory, reserve.NeededBytes);
        }
    }

    private List<Event> InsertAll(
        IReadOnlyList<EventDraft> drafts,
        List<List<AttachmentRef>> references,
        Dictionary<string, AttachmentFiles.Staged> staged,
        Action<SqliteConnection, SqliteTransaction, IReadOnlyList<Event>>? also)
    {
        foreach (var file in staged.Values)
            files.Adopt(file);
        using var transaction = connection.BeginTransaction();
        var numbers = new Dictionary<Lane, ulong>();
        List<Event> events = [.. drafts.Select((draft, i) => Build(draft, references[i], NextNumber(numbers, draft.Lane)))];
        var added = Insert(events, SealAll(events));
        for (var i = 0; i < events.Count; i++)
        {
            foreach (var reference in references[i])
                added += Attach(events[i], reference, staged[AttachmentFiles.NameOf(reference.Sha256.Span)], transaction);
        }
        SaveNewLanes(numbers, transaction);
        also?.Invoke(connection, transaction, events);
        transaction.Commit();
        foreach (var (lane, next) in numbers)
            nextNumbers[lane] = next;
        storedBytes += added;
        return events;
    }

    private Event Build(EventDraft draft, List<AttachmentRef> references, ulong number)
    {
        var happened = new Event
        {
            Id = UnsafeByteOperations.UnsafeWrap(Uuid7.New(time)),
            Lane = draft.Lane,
            Number = number,
            CapturedAtUnixMs = draft.CapturedAtUnixMs,
            TimeTrust = draft.Trust,
            Priority = draft.Priority,
            OfficerId = draft.OfficerId,
        };
        happened.Attachments.AddRange(references);
        draft.Fill(happened);
        return happened;
    }

    // Sealing costs as much as inserting; where there are many, every core seals.
    private byte[][] SealAll(List<Event> events)
    {
        if (events.Count < SealedTogether)
            return [.. events.Select(happened => seal.Seal(Checked(happened)))];
        var payloads = new byte[events.Count][];
        try
        {
            Parallel.For(0, payloads.Length, i => payloads[i] = seal.Seal(Checked(events[i])));
        }
        catch (AggregateException e) when (e.InnerException is { } first)
        {
            ExceptionDispatchInfo.Throw(first);
        }
        return payloads;
    }

    private byte[] Checked(Event happened)
    {
        if (happened.Lane == Lane.Unspecified || happened.Priority == Priority.Unspecified)
            throw new ArgumentException("An event needs a lane and a priority.", nameof(happened));
        var plain = happened.ToByteArray();
        return plain.Length <= options.MaxEventBytes
            ? plain
            : throw new OutboxException("event_too_large", $"An event of {plain.Length} bytes; at most {options.MaxEventBytes}.");
    }

    /// <returns>Bytes added.</returns>
    private long Insert(List<Event> events, byte[][] payloads, Tombstone? covers = null)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var rows = new EventRow[payloads.Length];
        for (var i = 0; i < rows.Length; i++)
            rows[i] = new EventRow(events[i], payloads[i], ++newestAge, now, payloads[i].Length + RowOverheadBytes, covers);
        insert.Run(rows);
        return rows.Sum(row => row.SizeBytes);
    }

    private long Attach(Event happened, AttachmentRef reference, AttachmentFiles.Staged file, SqliteTransaction transaction)
    {
        var lost = file.Path is null && !files.Exists(file.Sha256);
        var isNew = connection.Execute(
            """
            INSERT INTO files (sha256, size_bytes, stored_bytes) VALUES (@Sha256, @SizeBytes, @StoredBytes)
            ON CONFLICT (sha256) DO UPDATE SET stored_bytes = excluded.stored_bytes WHERE stored_bytes = 0 AND excluded.stored_bytes > 0
            """,
            file, transaction) > 0;
        connection.Execute(
            """
            INSERT INTO attachments (event_key, sha256, state, reference, code, detail)
            VALUES (@key, @sha256, @state, @reference, @code, @detail)
            """,
            new
            {
                key = RowKey.Of(happened.Lane, happened.Number),
                sha256 = file.Sha256,
                state = lost ? AttachmentState.Refused : AttachmentState.Pending,
                reference = reference.ToByteArray(),
                code = lost ? DiskFull.Code : null,
                detail = lost ? "The car's disk was full; the content was not kept." : null,
            },
            transaction);
        if (lost)
            OutboxLog.AttachmentWithoutRoom(logger, AttachmentFiles.NameOf(file.Sha256));
        return isNew ? file.StoredBytes : 0;
    }

    private ulong NextNumber(Dictionary<Lane, ulong> numbers, Lane lane)
    {
        var number = numbers.TryGetValue(lane, out var next) ? next : nextNumbers.GetValueOrDefault(lane, 1UL);
        numbers[lane] = number + 1;
        return number;
    }

    // A lane's next number follows its newest row's; the lane's own row says it only for the time when no row is left. So it is
    // written when a lane is new and, by SaveNumbers, before rows go.
    private void SaveNewLanes(Dictionary<Lane, ulong> numbers, SqliteTransaction transaction)
    {
        foreach (var (lane, next) in numbers)
        {
            if (!nextNumbers.ContainsKey(lane))
                _ = SaveNumber(lane, next, transaction);
        }
    }

    private void SaveNumbers(Dictionary<Lane, ulong> taken, SqliteTransaction transaction)
    {
        foreach (var (lane, next) in nextNumbers)
            _ = SaveNumber(lane, taken.GetValueOrDefault(lane, next), transaction);
    }

    private int SaveNumber(Lane lane, ulong next, SqliteTransaction? transaction) => connection.Execute(
        """
        INSERT INTO lanes (lane, next_number) VALUES (@lane, @next)
        ON CONFLICT (lane) DO UPDATE SET next_number = excluded.next_number WHERE next_number < excluded.next_number
        """,
        new { lane = (int)lane, next = (long)next }, transaction);
}
