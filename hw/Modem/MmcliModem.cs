using EdgeAgent.Hw.Programs;

namespace EdgeAgent.Hw.Modem;

/// <summary>Asks ModemManager through mmcli, a program a question.</summary>
/// <param name="program">mmcli, or where it lies.</param>
/// <param name="modem">As mmcli's -m takes it: any, a number, or a device's name.</param>
public sealed class MmcliModem(string program, string modem, TimeProvider time)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(8);

    // mmcli's own words; where there is nobody to ask there is nothing fitted.
    private static readonly string[] s_nothingThere = ["couldn't find modem", "couldn't find the ModemManager process", "couldn't get bus", "couldn't create manager", "modem not found"];

    /// <summary>Asks once. Never throws for what the modem or its manager does.</summary>
    public async Task<ModemReading> ReadAsync(CancellationToken stop)
    {
        var answer = await SystemProgram.RunAsync(program, ["-m", modem, "-J"], s_patience, time, stop);
        if (answer.IsGood)
            return ModemReading.Parse(answer.Output);
        bool isNothing = answer.Fault == "not_installed" || s_nothingThere.Any(words => answer.FirstError.Contains(words, StringComparison.OrdinalIgnoreCase));
        return isNothing ? ModemReading.Of(ModemCondition.NotFitted) : ModemReading.Of(ModemCondition.Unknown, answer.Fault.Length > 0 ? answer.Fault : answer.FirstError);
    }
}
