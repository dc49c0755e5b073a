using System.Data.Common;
using System.Text;
using EdgeAgent.CommandCentre.Instructions;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Containments;

/// <summary>Who orders: the account, its role, and its district ("" the city).</summary>
internal sealed record Commander(string Account, string Role, string District);

/// <summary>What a dispatcher asked for cannot be; the code has words at the page.</summary>
internal sealed class ContainmentFault(string code) : Exception(code)
{
    public string Code { get; } = code;
}

/// <summary>
/// The acts of a cordon. Each is one transaction: the operation, the urgent instruction of each car, and the audit row; nothing is shown
/// or sent before it is stored.
/// </summary>
internal sealed class ContainmentBook(ContainmentTable table, CommandTable commands, CarChoice cars, Sealing sealing, TimeProvider time)
{
    /// <summary>Begins an operation; each post with a unit brings that unit its order.</summary>
    public Containment Begin(DbTransaction transaction, Containment asked, Commander by)
    {
        if (table.Since(long.MaxValue).Count >= Containment.MostOpen)
            throw new ContainmentFault("too_many_operations");
        var begun = asked with { Posts = [.. asked.Posts.Select(post => post.UnitId.Length == 0 ? post : Ordered(post, post.UnitId))] };
        table.Put(transaction, begun);
        Audit(transaction, by, "containment_begun", $"{begun.OperationId}", begun.Reason);
        foreach (var post in begun.Posts.Where(post => post.UnitId.Length > 0))
            Order(transaction, begun, post, by);
        Note(transaction);
        return begun;
    }

    /// <summary>Sends another car to a post, or none ("").</summary>
    public (Containment Now, IReadOnlyList<string> Units) Assign(DbTransaction transaction, Guid operationId, string postId, string unitId, Commander by)
    {
        var operation = Open(transaction, operationId, by);
        var before = operation.Posts.FirstOrDefault(post => post.PostId == postId) ?? throw new ContainmentFault("unknown_post");
        if (before.UnitId == unitId)
            return (operation, []);
        if (unitId.Length > 0 && operation.Posts.Any(post => post.UnitId == unitId))
            throw new ContainmentFault("unit_twice");
        var after = Ordered(before, unitId);
        var now = operation with { Posts = [.. operation.Posts.Select(post => post.PostId == postId ? after : post)] };
        table.Put(transaction, now);
        Audit(transaction, by, "containment_reassigned", $"{operationId} {postId} {before.UnitId}>{unitId}", "");
        if (before.UnitId.Length > 0)
            Tell(transaction, now, before.UnitId, $"【封控】{now.Name}：不必再前往{before.Name}。\nCordon {now.Name}: {before.Name} is no longer yours.", by);
        if (unitId.Length > 0)
            Order(transaction, now, after, by);
        Note(transaction);
        return (now, [.. new[] { before.UnitId, unitId }.Where(unit => unit.Length > 0)]);
    }

    public (Containment Now, IReadOnlyList<string> Units) End(DbTransaction transaction, Guid operationId, string reason, Commander by)
    {
        var operation = Open(transaction, operationId, by);
        var now = operation with { EndedAtUnixMs = Now, EndReason = reason, EndedBy = by.Account };
        table.Put(transaction, now);
        Audit(transaction, by, "containment_ended", $"{operationId}", reason);
        List<string> units = [.. now.Posts.Select(post => post.UnitId).Where(unit => unit.Length > 0)];
        foreach (var unitId in units)
            Tell(transaction, now, unitId, $"【封控】{now.Name}：封控结束。\nCordon {now.Name}: it is over.", by);
        Note(transaction);
        return (now, units);
    }

    /// <summary>The first time that a car was seen at its post; nothing where it was sent elsewhere meanwhile.</summary>
    public void Arrived(DbTransaction transaction, Guid operationId, ContainmentPost at, long nowUnixMs)
    {
        if (table.Find(transaction, operationId) is not { EndedAtUnixMs: null } operation)
            return;
        var posts = operation.Posts.Select(post => post.InstructionId == at.InstructionId && post.UnitId == at.UnitId && post.ArrivedAtUnixMs is null
            ? post with { ArrivedAtUnixMs = nowUnixMs }
            : post);
        table.Put(transaction, operation with { Posts = [.. posts] });
    }

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    private Containment Open(DbTransaction transaction, Guid operationId, Commander by) =>
        table.Find(transaction, operationId) is { } operation && (by.District.Length == 0 || operation.District == by.District)
            ? operation.EndedAtUnixMs is null ? operation : throw new ContainmentFault("operation_over")
            : throw new ContainmentFault("unknown_operation");

    private ContainmentPost Ordered(ContainmentPost post, string unitId) => post with
    {
        UnitId = unitId,
        InstructionId = unitId.Length == 0 ? Guid.Empty : Uuid7.ToGuid(Uuid7.New(time)),
        OrderedAtUnixMs = unitId.Length == 0 ? null : Now,
        OrderedMetres = unitId.Length > 0 && cars.Place(unitId) is { } place ? Math.Round(new LocalPlane(post.Latitude, post.Longitude).Of(place).Length) : null,
        ArrivedAtUnixMs = null,
    };

    private void Order(DbTransaction transaction, Containment operation, ContainmentPost post, Commander by)
    {
        var at = FormattableString.Invariant($"{post.Latitude:0.00000}, {post.Longitude:0.00000}");
        var words = $"【封控】{operation.Name}：立即前往{post.Name}（{at}）设卡。{operation.Reason}\nCordon {operation.Name}: go at once to {post.Name} ({at}) and hold it.";
        Send(transaction, post.UnitId, by, operation, new Instruction
        {
            InstructionId = ByteString.CopyFrom(post.InstructionId.ToByteArray(bigEndian: true)),
            Text = words,
            Urgent = true,
            Place = new GeoPoint { LatitudeDegrees = post.Latitude, LongitudeDegrees = post.Longitude },
        });
    }

    private void Tell(DbTransaction transaction, Containment operation, string unitId, string words, Commander by) =>
        Send(transaction, unitId, by, operation, new Instruction { InstructionId = ByteString.CopyFrom(Uuid7.New(time)), Text = words });

    private void Send(DbTransaction transaction, string unitId, Commander by, Containment operation, Instruction instruction)
    {
        instruction.OperationId = ByteString.CopyFrom(operation.OperationId.ToByteArray(bigEndian: true));
        var command = CommandTable.New(by.Account, by.Role, time);
        command.Instruction = instruction;
        commands.Add(transaction, unitId, command);
        // An instruction like any other: the page of instructions has it too, and its words go on their own clock.
        var id = instruction.InstructionId.ToByteArray();
        InstructionTable.Add(transaction, new InstructionRow
        {
            InstructionId = id,
            At = command.IssuedAtUnixMs,
            Account = by.Account,
            Urgent = instruction.Urgent ? 1 : 0,
            Sealed = sealing.Seal(Encoding.UTF8.GetBytes(instruction.Text)),
        });
        InstructionTable.AddUnit(transaction, id, unitId, command.Id.ToByteArray());
        Audit(transaction, by, "instruction", $"{unitId} {Uuid7.ToGuid(instruction.InstructionId.Span)}", $"containment {operation.OperationId}");
    }

    private void Audit(DbTransaction transaction, Commander by, string action, string subject, string purpose) =>
        AuditTable.Add(transaction, new AuditRow(by.Account, action, subject, purpose), Now);

    private void Note(DbTransaction transaction) => ChangeTable.Note(transaction, ChangeKind.Topics, "containment", Now);
}
