namespace EdgeAgent.Agent.Rescue;

/// <summary>A rescue or a wipe cannot be done; the code is for machines, the sentence says what to do. Nothing was lost by it.</summary>
internal sealed class RescueException(string code, string message) : Exception(message)
{
    public string Code { get; } = code;
}
