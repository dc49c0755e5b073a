using System.Data.Common;
using Dapper;
using EdgeAgent.Contract;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Storage;

/// <summary>Commands to units, kept until the unit has answered for them.</summary>
internal sealed class CommandTable(CentreDatabase database, Sealing sealing)
{
    private const int MostAtOnce = 200;

    /// <summary>A command of this issuer with its id and times; the caller sets the body and stores it with <see cref="Add"/>.</summary>
    public static Command New(string issuer, string role, TimeProvider time, TimeSpan? expires = null)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        return new Command
        {
            Id = ByteString.CopyFrom(Uuid7.New(time)),
            IssuedAtUnixMs = now,
            ExpiresAtUnixMs = expires is { } span ? now + (long)span.TotalMilliseconds : 0,
            Issuer = issuer,
            IssuerRole = role,
        };
    }

    public void Add(DbTransaction transaction, string unitId, Command command)
    {
        var kind = command.BodyCase.ToString();
        // A newer roster, configuration, release, order to go back, retention policy or patrol plan says all that the older one said.
        if (command.BodyCase is Command.BodyOneofCase.Officers or Command.BodyOneofCase.Configuration or Command.BodyOneofCase.Release or Command.BodyOneofCase.ReleaseRollback or Command.BodyOneofCase.Retention or Command.BodyOneofCase.Patrol)
        {
            transaction.Connection!.Execute(
                "UPDATE commands SET answered_at = @now, outcome = 'superseded' WHERE unit_id = @unitId AND kind = @kind AND answered_at IS NULL",
                new { unitId, kind, now = command.IssuedAtUnixMs }, transaction);
        }
        transaction.Connection!.Execute(
            "INSERT INTO commands (command_id, unit_id, kind, issued_at, expires_at, payload) VALUES (@id, @unitId, @kind, @issued, @expires, @payload)",
            new
            {
                id = command.Id.ToByteArray(),
                unitId,
                kind,
                issued = command.IssuedAtUnixMs,
                expires = command.ExpiresAtUnixMs,
                payload = sealing.Seal(command.ToByteArray()),
            },
            transaction);
        // Whichever gateway holds the car hears of it.
        ChangeTable.Note(transaction, ChangeKind.Commands, unitId, command.IssuedAtUnixMs);
    }

    /// <summary>Orders that were meant for the box that was this unit before.</summary>
    public static void Withdraw(DbTransaction transaction, string unitId, Command.BodyOneofCase kind, long nowUnixMs) => transaction.Connection!.Execute(
        "UPDATE commands SET answered_at = @nowUnixMs, outcome = 'withdrawn' WHERE unit_id = @unitId AND kind = @kind AND answered_at IS NULL",
        new { unitId, kind = kind.ToString(), nowUnixMs }, transaction);

    /// <summary>What the unit has not answered yet, oldest first, bounded; the rest follows when these are answered.</summary>
    public IReadOnlyList<Command> Open(string unitId, long nowUnixMs) => database.Read(c => c.Query<byte[]>(
        """
        SELECT payload FROM commands
        WHERE unit_id = @unitId AND answered_at IS NULL AND (expires_at = 0 OR expires_at > @nowUnixMs)
        ORDER BY issued_at, command_id LIMIT @MostAtOnce
        """,
        new { unitId, nowUnixMs, MostAtOnce }))
        .Select(payload => Command.Parser.ParseFrom(sealing.Open(payload))).ToList();

    /// <returns>What kind of command it answered; null when there is none open of this id.</returns>
    public static string? Answer(DbTransaction transaction, string unitId, CommandAck ack, long nowUnixMs) => transaction.Connection!.ExecuteScalar<string?>(
        """
        UPDATE commands SET answered_at = @nowUnixMs, outcome = @outcome, code = @code
        WHERE command_id = @id AND unit_id = @unitId AND answered_at IS NULL RETURNING kind
        """,
        new { id = ack.CommandId.ToByteArray(), unitId, outcome = ack.Outcome.ToString().ToLowerInvariant(), code = ack.Code, nowUnixMs }, transaction);
}
