namespace EdgeAgent.Edgectl;

/// <summary>A command cannot be done; a code for machines, and a sentence that says what to do.</summary>
internal sealed class CommandException(string code, string message, Exception? inner = null) : Exception(message, inner)
{
    public string Code { get; } = code;
}
