using EdgeAgent.Vision.Inference;

namespace EdgeAgent.Eyes.Pipelines;

/// <summary>A stage's networks, loaded by its own thread while others go on; whoever waits hears of the end.</summary>
internal sealed class Loading
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when the networks are loaded, or fails with what is wrong with one: <see cref="ModelException"/>.</summary>
    public Task Done => _done.Task;

    /// <summary>False: a model is missing or altered.</summary>
    public bool Try(Action load)
    {
        try
        {
            load();
            _done.SetResult();
            return true;
        }
        catch (ModelException e)
        {
            _done.SetException(e);
            return false;
        }
    }
}
