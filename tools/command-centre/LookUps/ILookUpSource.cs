using EdgeAgent.Contract;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.LookUps;

/// <summary>The register behind look-ups: a city's gateway, or the reference one over a file of our own.</summary>
internal interface ILookUpSource
{
    /// <summary>Why it cannot answer, "" when it can: one of <see cref="LookUpCodes"/>.</summary>
    public string Problem { get; }

    /// <summary>What is on record of a normalised subject; null for nothing. Asked only after the question was written down.</summary>
    public Task<RegistryRecord?> FindAsync(LookUpKind kind, string subject, CancellationToken cancellation);
}

/// <summary>A centre that was given no register.</summary>
internal sealed class NoLookUpSource : ILookUpSource
{
    public string Problem => LookUpCodes.NotAvailable;

    public Task<RegistryRecord?> FindAsync(LookUpKind kind, string subject, CancellationToken cancellation) =>
        throw new InvalidOperationException("There is no register to ask.");
}
