namespace EdgeAgent.Hw.Power;

/// <summary>Whether the ignition is on.</summary>
/// <param name="IsOn">Null: it could not be read.</param>
/// <param name="Fault">Why not, one line for a technician; "" when it could.</param>
public sealed record IgnitionReading(bool? IsOn, string Fault);

/// <summary>The car's ignition line, read when asked. Implementations answer within a few seconds and never throw for what the line does.</summary>
public interface IIgnition
{
    /// <summary>Reads the line once.</summary>
    public Task<IgnitionReading> ReadAsync(CancellationToken stop);
}
