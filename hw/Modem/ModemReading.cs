using System.Globalization;
using System.Text.Json;

namespace EdgeAgent.Hw.Modem;

/// <summary>What a modem is doing, in the few words that somebody can act on.</summary>
public enum ModemCondition
{
    /// <summary>No modem, or nobody who manages one.</summary>
    NotFitted,

    /// <summary>It could not be asked.</summary>
    Unknown,

    /// <summary>There is no SIM in it.</summary>
    NoSim,

    /// <summary>The SIM wants a PIN or PUK, or is not to be used in this modem.</summary>
    SimLocked,

    /// <summary>Broken, or without capabilities.</summary>
    Failed,

    /// <summary>Switched off or being switched on.</summary>
    Disabled,

    /// <summary>Looks for a network.</summary>
    Searching,

    /// <summary>In a network, without a data connection.</summary>
    Registered,

    /// <summary>With a data connection.</summary>
    Connected,
}

/// <summary>A modem as ModemManager tells it. Numbers of SIM and device are not read.</summary>
/// <param name="Condition">What it is doing.</param>
/// <param name="SignalPercent">0 … 100; null when it did not say.</param>
/// <param name="Technology">Radio access: lte, 5gnr, umts…; "" when unknown. Several are joined by a comma.</param>
/// <param name="Operator">The network's name, else its number; "" when unknown.</param>
/// <param name="Detail">ModemManager's own word behind a condition that is not good: sim-missing, sim-pin…; "" otherwise.</param>
public sealed record ModemReading(ModemCondition Condition, int? SignalPercent, string Technology, string Operator, string Detail)
{
    private const int MostCharacters = 64;

    /// <summary>Nothing more is known than this.</summary>
    public static ModemReading Of(ModemCondition condition, string detail = "") => new(condition, null, "", "", Bounded(detail));

    /// <summary>
    /// Reads what `mmcli -m MODEM -J` prints: an object `modem` with `generic` (state, state-failed-reason, unlock-required,
    /// signal-quality, access-technologies) and `3gpp` (operator-name, operator-code), all values as strings, "--" for none.
    /// </summary>
    public static ModemReading Parse(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            if (Part(Part(document.RootElement, "modem"), "generic") is not { } generic)
                return Of(ModemCondition.Unknown, "no modem.generic");
            var network = Part(Part(document.RootElement, "modem"), "3gpp");
            (ModemCondition condition, string detail) = ConditionOf(Text(generic, "state"), Text(generic, "state-failed-reason"), Text(generic, "unlock-required"));
            int? signal = int.TryParse(Text(Part(generic, "signal-quality"), "value"), NumberStyles.None, CultureInfo.InvariantCulture, out int percent) ? Math.Min(percent, 100) : null;
            string name = Text(network, "operator-name");
            return new ModemReading(condition, signal, Bounded(List(generic, "access-technologies")), Bounded(name.Length > 0 ? name : Text(network, "operator-code")), Bounded(detail));
        }
        catch (JsonException)
        {
            return Of(ModemCondition.Unknown, "no JSON");
        }
    }

    private static (ModemCondition Condition, string Detail) ConditionOf(string state, string failed, string unlock) => state switch
    {
        "failed" when failed is "sim-missing" or "esim-without-profiles" => (ModemCondition.NoSim, failed),
        "failed" when failed is "sim-error" or "sim-wrong" => (ModemCondition.SimLocked, failed),
        "failed" => (ModemCondition.Failed, failed),
        "locked" => (ModemCondition.SimLocked, unlock),
        "initializing" or "disabled" or "disabling" or "enabling" => (ModemCondition.Disabled, state),
        "enabled" or "searching" => (ModemCondition.Searching, state),
        "registered" or "connecting" or "disconnecting" => (ModemCondition.Registered, ""),
        "connected" => (ModemCondition.Connected, ""),
        _ => (ModemCondition.Unknown, state),
    };

    private static JsonElement? Part(JsonElement? of, string name) =>
        of is { ValueKind: JsonValueKind.Object } whole && whole.TryGetProperty(name, out var part) ? part : null;

    private static string Text(JsonElement? of, string name) => Part(of, name) is { ValueKind: JsonValueKind.String } text && text.GetString() is { } said && said != "--" ? said : "";

    private static string List(JsonElement of, string name) => Part(of, name) is { ValueKind: JsonValueKind.Array } list
        ? string.Join(',', list.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString()).Where(said => said is not "--"))
        : "";

    private static string Bounded(string said) => said.Length <= MostCharacters ? said : said[..MostCharacters];
}
