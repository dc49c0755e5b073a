namespace EdgeAgent.Tests.Support;

/// <summary>Tests whose bounds a busy neighbour in the same process would break: none runs beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class QuietCollection
{
    public const string Name = "quiet";
}
