using Microsoft.Data.Sqlite;

namespace EdgeAgent.CommandCentre.Storage;

/// <summary>Plain commands where the way is hot and Dapper's convenience costs more than it gives.</summary>
internal static class Sql
{
    public static SqliteCommand Command(SqliteTransaction transaction, string text, params (string Name, object? Value)[] values)
    {
        // The text is always a constant of this program; values travel as parameters.
#pragma warning disable CA2100
        var command = new SqliteCommand(text, transaction.Connection, transaction);
#pragma warning restore CA2100
        foreach (var (name, value) in values)
            _ = command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        return command;
    }

    /// <summary>Gives a prepared command its next values, in the order of its parameters, and runs it.</summary>
    public static int Run(this SqliteCommand command, params ReadOnlySpan<object?> values)
    {
        for (var at = 0; at < values.Length; at++)
            command.Parameters[at].Value = values[at] ?? DBNull.Value;
        return command.ExecuteNonQuery();
    }

    /// <summary>A command to be run many times with <see cref="Run"/>.</summary>
    public static SqliteCommand Prepared(SqliteTransaction transaction, string text, params string[] names)
    {
        var command = Command(transaction, text, [.. names.Select(name => (name, (object?)null))]);
        return command;
    }
}
