using Dapper;
using EdgeAgent.Agent.Audit;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Contract;
using EdgeAgent.DispatchClient.Outbox;
using Microsoft.Data.Sqlite;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Dispatches;

/// <summary>
/// What the centre orders. Each command is held against its expiry, its issuer's role and what the car does, carried out or
/// stored, written down by its id, and only then answered; one that comes again is a duplicate and does nothing.
/// </summary>
internal sealed partial class CommandDesk(
    OutboxStore store, Ledger ledger, TrustedClock clock, CallBook calls, InstructionBook instructions, CommandActs acts, ILogger<CommandDesk> log)
{
    private const int Remembered = 10_000;

    public async ValueTask<CommandAck> HandleAsync(Command command, CancellationToken stop)
    {
        if (command.Id.Length != Uuid7.Length)
            return new CommandAck { CommandId = command.Id, Outcome = CommandOutcome.Refused, Code = "bad_id" };
        if (IsKnown(command))
            return new CommandAck { CommandId = command.Id, Outcome = CommandOutcome.Duplicate };
        if (command.ExpiresAtUnixMs > 0 && clock.NowUnixMs >= command.ExpiresAtUnixMs)
            return Answer(command, CommandOutcome.Expired, "expired");
        if (!CommandRoles.Allows(command))
            return Refuse(command, command.BodyCase == Command.BodyOneofCase.None ? "unknown_command" : "role_not_allowed");
        if (command.BodyCase == Command.BodyOneofCase.Call)
        {
            return Store(
                command, CallBook.Problem(command.Call), (connection, transaction) => calls.Take(command.Call, connection, transaction),
                () => calls.Took(command.Call));
        }
        if (command.BodyCase == Command.BodyOneofCase.Instruction)
        {
            return Store(
                command, instructions.Problem(command.Instruction), (connection, transaction) => instructions.Take(command, connection, transaction),
                () => instructions.Took(command));
        }
        string problem = await acts.CarryOutAsync(command, stop);
        return problem.Length == 0 ? Answer(command, CommandOutcome.Stored, "") : Refuse(command, problem);
    }

    private CommandAck Store(Command command, string problem, Action<SqliteConnection, SqliteTransaction> take, Action took)
    {
        if (problem.Length > 0)
            return Refuse(command, problem);
        store.Write((connection, transaction) =>
        {
            take(connection, transaction);
            Remember(command, CommandOutcome.Stored, "", connection, transaction);
        });
        took();
        return new CommandAck { CommandId = command.Id, Outcome = CommandOutcome.Stored };
    }

    private CommandAck Answer(Command command, CommandOutcome outcome, string code)
    {
        store.Write((connection, transaction) => Remember(command, outcome, code, connection, transaction));
        return new CommandAck { CommandId = command.Id, Outcome = outcome, Code = code };
    }

    private CommandAck Refuse(Command command, string code)
    {
        LogRefused(log, command.BodyCase.ToString(), command.IssuerRole, code);
        _ = ledger.Append(
            Lane.Status, Priority.Normal, "",
            e => e.CommandRefused = new CommandRefused { CommandId = command.Id, Code = code, Detail = command.BodyCase.ToString() },
            (connection, transaction) => Remember(command, CommandOutcome.Refused, code, connection, transaction));
        return new CommandAck { CommandId = command.Id, Outcome = CommandOutcome.Refused, Code = code };
    }

    private bool IsKnown(Command command) =>
        store.Read(c => c.ExecuteScalar<long>("SELECT count(*) FROM commands WHERE id = @id", new { id = command.Id.ToByteArray() })) > 0;

    private void Remember(Command command, CommandOutcome outcome, string code, SqliteConnection connection, SqliteTransaction transaction)
    {
        _ = connection.Execute(
            "INSERT INTO commands VALUES (@id, @outcome, @code, @at) ON CONFLICT (id) DO NOTHING",
            new { id = command.Id.ToByteArray(), outcome = (int)outcome, code, at = clock.NowUnixMs }, transaction);
        _ = connection.Execute(
            "DELETE FROM commands WHERE rowid <= (SELECT max(rowid) FROM commands) - @Remembered", new { Remembered }, transaction);
    }

    [LoggerMessage(4080, LogLevel.Warning, "A command ({Kind}) of role '{Role}' is refused: {Code}.")]
    private static partial void LogRefused(ILogger log, string kind, string role, string code);
}
