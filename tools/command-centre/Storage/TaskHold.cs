namespace EdgeAgent.CommandCentre.Storage;

/// <summary>The right to be the only one of all gateways at a task, until it is disposed.</summary>
/// <param name="stands">Asked now and then: with its connection a right is lost.</param>
internal sealed class TaskHold(Func<bool> stands, Action release) : IDisposable
{
    public bool Stands => stands();

    public void Dispose() => release();
}
