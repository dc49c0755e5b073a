using Dapper;
using EdgeAgent.Agent.Audit;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Agent.Officers;
using EdgeAgent.Contract;
using EdgeAgent.DispatchClient.Outbox;
using Google.Protobuf;
using Microsoft.Data.Sqlite;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Dispatches;

/// <summary>
/// What the centre told this car in words and no officer has read yet. Read, it leaves as an event and is gone here, both in one
/// transaction: the centre has its text, the car needs none.
/// </summary>
internal sealed class InstructionBook
{
    private const string Purpose = "instruction";
    private const int MaxTextCharacters = 2000, MostUnread = 100;

    private readonly Lock gate = new();
    private readonly Dictionary<ByteString, Command> unread = [];
    private readonly OutboxStore store;
    private readonly Ledger ledger;
    private readonly UnitVault vault;
    private readonly TrustedClock clock;

    public InstructionBook(OutboxStore store, Ledger ledger, UnitVault vault, TrustedClock clock)
    {
        (this.store, this.ledger, this.vault, this.clock) = (store, ledger, vault, clock);
        foreach (byte[] closed in store.Read(c => c.Query<byte[]>("SELECT sealed FROM instructions").AsList()))
        {
            Command command = Command.Parser.ParseFrom(vault.Open(Purpose, closed));
            unread[command.Instruction.InstructionId] = command;
        }
    }

    public event Action? Changed;

    /// <summary>The commands that brought them: urgent ones first, then as they were given.</summary>
    public IReadOnlyList<Command> Unread
    {
        get { lock (gate) return [.. unread.Values.OrderByDescending(c => c.Instruction.Urgent).ThenBy(c => c.IssuedAtUnixMs)]; }
    }

    /// <returns>"" or bad_instruction_id, bad_instruction_text, too_many_unread.</returns>
    public string Problem(Instruction instruction)
    {
        lock (gate)
        {
            return instruction.InstructionId.Length != Uuid7.Length ? "bad_instruction_id"
                : string.IsNullOrWhiteSpace(instruction.Text) || instruction.Text.Length > MaxTextCharacters ? "bad_instruction_text"
                : unread.Count >= MostUnread && !unread.ContainsKey(instruction.InstructionId) ? "too_many_unread" : "";
        }
    }

    /// <summary>Stored within the caller's transaction; call <see cref="Took"/> once it is committed.</summary>
    public void Take(Command command, SqliteConnection connection, SqliteTransaction transaction) => connection.Execute(
        "INSERT OR REPLACE INTO instructions VALUES (@id, @closed)",
        new { id = command.Instruction.InstructionId.ToByteArray(), closed = vault.Seal(Purpose, command.ToByteArray()) }, transaction);

    /// <summary>Publishes what was committed.</summary>
    public void Took(Command command)
    {
        lock (gate)
            unread[command.Instruction.InstructionId] = command;
        Changed?.Invoke();
    }

    /// <summary>Forgets what was given before this and nobody has read.</summary>
    /// <returns>How many.</returns>
    public int ForgetDue(long issuedBeforeUnixMs)
    {
        ByteString[] due;
        lock (gate)
        {
            due = [.. unread.Values.Where(c => c.IssuedAtUnixMs < issuedBeforeUnixMs).Select(c => c.Instruction.InstructionId)];
            if (due.Length == 0)
                return 0;
            store.Write((connection, transaction) => connection.Execute(
                "DELETE FROM instructions WHERE instruction_id = @id", due.Select(d => new { id = d.ToByteArray() }), transaction));
            foreach (ByteString id in due)
                _ = unread.Remove(id);
        }
        Changed?.Invoke();
        return due.Length;
    }

    /// <summary>An officer has read it. Durable when this returns "".</summary>
    /// <returns>"" or unknown_instruction.</returns>
    public string Read(ByteString instructionId, DutySession officer)
    {
        lock (gate)
        {
            if (!unread.ContainsKey(instructionId))
                return "unknown_instruction";
            _ = ledger.Append(
                Lane.Calls, Priority.Normal, officer.OfficerId,
                e => e.InstructionRead = new InstructionRead { InstructionId = instructionId, ReadAtUnixMs = clock.NowUnixMs },
                (connection, transaction) => connection.Execute(
                    "DELETE FROM instructions WHERE instruction_id = @id", new { id = instructionId.ToByteArray() }, transaction));
            _ = unread.Remove(instructionId);
        }
        Changed?.Invoke();
        return "";
    }
}
