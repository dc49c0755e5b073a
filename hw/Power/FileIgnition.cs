namespace EdgeAgent.Hw.Power;

/// <summary>The ignition out of a file that holds 0 or 1: a value that another program keeps up to date, and the twin that a bench plays.</summary>
public sealed class FileIgnition(string path) : IIgnition
{
    private const int MostBytes = 16;

    /// <inheritdoc/>
    public async Task<IgnitionReading> ReadAsync(CancellationToken stop)
    {
        try
        {
            await using var file = File.OpenRead(path);
            byte[] held = new byte[MostBytes];
            int read = await file.ReadAtLeastAsync(held, MostBytes, throwOnEndOfStream: false, stop);
            return held.AsSpan(0, read).Trim(" \r\n\t"u8) switch
            {
                [(byte)'0'] => new IgnitionReading(false, ""),
                [(byte)'1'] => new IgnitionReading(true, ""),
                _ => new IgnitionReading(null, $"{path} holds neither 0 nor 1"),
            };
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return new IgnitionReading(null, error.Message);
        }
    }
}
