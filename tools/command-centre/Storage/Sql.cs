using System.Data.Common;

namespace EdgeAgent.CommandCentre.Storage;

/// <summary>Plain commands where the way is hot and Dapper's convenience costs more than it gives.</summary>
internal static class Sql
{
    public static DbCommand Command(DbTransaction transaction, string text, params ReadOnlySpan<(string Name, object? Value)> values)
    {
        var command = transaction.Connection!.CreateCommand();
        command.Transaction = transaction;
        // The text is always a constant of this program; values travel as parameters.
#pragma warning disable CA2100
        command.CommandText = text;
#pragma warning restore CA2100
        foreach (var (name, value) in values)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, Plain(value));
            _ = command.Parameters.Add(parameter);
        }
        return command;
    }

    /// <summary>Gives a prepared command its next values, in the order of its parameters, and runs it.</summary>
    public static int Run(this DbCommand command, params ReadOnlySpan<object?> values)
    {
        for (var at = 0; at < values.Length; at++)
            command.Parameters[at].Value = Plain(values[at]);
        return command.ExecuteNonQuery();
    }

    /// <summary>A command to be run many times with <see cref="Run"/>.</summary>
    public static DbCommand Prepared(DbTransaction transaction, string text, params string[] names) =>
        Command(transaction, text, [.. names.Select(name => (name, (object?)null))]);

    // Columns know no truth values: 0 and 1 everywhere.
    private static object Plain(object? value) => value switch { null => DBNull.Value, bool truth => truth ? 1L : 0L, _ => value };
}
