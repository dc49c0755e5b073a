namespace EdgeAgent.Agent.Box;

/// <summary>How the box looks at its own modem, heat and disk.</summary>
internal sealed record BoxOptions
{
    /// <summary>ModemManager's program. Default mmcli; "": no modem is asked for.</summary>
    public string ModemProgram { get; init; } = "mmcli";

    /// <summary>Which modem, as mmcli's -m takes it. Default any.</summary>
    public string Modem { get; init; } = "any";

    /// <summary>Sensors that count, by the names of thermal zones (type) and hardware monitors (name and label). Default none: all.</summary>
    public IReadOnlyList<string> Sensors { get; init; } = [];

    /// <summary>From so many degrees Celsius at the hottest sensor fewer frames are analysed, in steps. Default 90, 40 to 120.</summary>
    public double HotCelsius { get; init; } = 90;

    /// <summary>Below so many they come back, in steps. Default 80, at least 3 below HotCelsius.</summary>
    public double CoolCelsius { get; init; } = 80;

    /// <summary>What `smartctl -j -a` said of the disk that holds the data, as the package's timer keeps it; "": not looked at.</summary>
    public string SmartFile { get; init; } = "/run/edge-agent-disk/smart.json";

    /// <summary>From so much of its life used the disk is called worn, percent by its own count. Default 90, 50 to 100.</summary>
    public int WornPercent { get; init; } = 90;

    /// <summary>Where the kernel shows its sensors. Default /sys.</summary>
    public string SysRoot { get; init; } = "/sys";

    public IEnumerable<string> Problems()
    {
        if (Modem.Length == 0 || Modem.StartsWith('-'))
            yield return $"Box.Modem is '{Modem}': give any, a number or a device's name.";
        if (HotCelsius is not (>= 40 and <= 120))
            yield return $"Box.HotCelsius is {HotCelsius}: give 40 to 120.";
        if (!(CoolCelsius <= HotCelsius - 3 && CoolCelsius >= 20))
            yield return $"Box.CoolCelsius is {CoolCelsius}: give 20 to {HotCelsius - 3}, so that frames do not come and go.";
        if (SmartFile.Length > 0 && !Path.IsPathFullyQualified(SmartFile))
            yield return $"Box.SmartFile is '{SmartFile}': give a full path, or \"\".";
        if (WornPercent is < 50 or > 100)
            yield return $"Box.WornPercent is {WornPercent}: give 50 to 100.";
    }
}
