namespace EdgeAgent.Agent.Emergencies;

/// <summary>The button that calls for help.</summary>
internal sealed record SosOptions
{
    private const int MostCode = 767;

    /// <summary>A Linux input device; "" (the default): the page's button alone.</summary>
    public string KeyDevice { get; init; } = "";

    /// <summary>Which key of it, as linux/input-event-codes.h numbers them, 1 to 767. Default 183 (KEY_F13), that common panic buttons send.</summary>
    public int KeyCode { get; init; } = 183;

    public IEnumerable<string> Problems()
    {
        if (KeyDevice.Length > 0 && !Path.IsPathRooted(KeyDevice))
            yield return $"Sos.KeyDevice is '{KeyDevice}', not a full path such as /dev/input/by-id/usb-panic-event-kbd.";
        if (KeyCode is < 1 or > MostCode)
            yield return $"Sos.KeyCode is {KeyCode}, not a key code from 1 to {MostCode}.";
    }
}
