using EdgeAgent.Hw.Programs;

namespace EdgeAgent.Hw.Power;

/// <summary>A line of a GPIO chip.</summary>
/// <param name="Chip">As gpiodetect names it: gpiochip0.</param>
/// <param name="Line">Its offset on the chip.</param>
/// <param name="IsActiveLow">A low level means that the ignition is on.</param>
/// <param name="Bias">as-is, disable, pull-up or pull-down.</param>
public sealed record GpioLine(string Chip, int Line, bool IsActiveLow, string Bias);

/// <summary>
/// The ignition as libgpiod's gpioget reads it (1.6 of Debian 12: it prints 0 or 1). A program a reading, so that the line is held by
/// nobody in between and a technician's own gpioget works beside.
/// </summary>
/// <param name="program">gpioget, or where it lies.</param>
public sealed class GpioIgnition(string program, GpioLine line, TimeProvider time) : IIgnition
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(3);

    /// <inheritdoc/>
    public async Task<IgnitionReading> ReadAsync(CancellationToken stop)
    {
        List<string> arguments = [$"--bias={line.Bias}", line.Chip, $"{line.Line}"];
        if (line.IsActiveLow)
            arguments.Insert(0, "--active-low");
        var answer = await SystemProgram.RunAsync(program, arguments, s_patience, time, stop);
        return answer switch
        {
            { IsGood: true, Output: var said } when said.Trim() is "0" or "1" => new IgnitionReading(said.Trim() == "1", ""),
            { Fault.Length: > 0 } => new IgnitionReading(null, $"{program}: {answer.Fault}"),
            { FirstError.Length: > 0 } => new IgnitionReading(null, answer.FirstError),
            _ => new IgnitionReading(null, $"{program} ended with {answer.ExitCode} and said neither 0 nor 1"),
        };
    }
}
