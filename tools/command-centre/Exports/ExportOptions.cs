using System.Text.Json;
using EdgeAgent.CommandCentre.Storage;

namespace EdgeAgent.CommandCentre.Exports;

/// <summary>What this centre tells other platforms, and on what ground. A file (`serve --exports FILE`); nothing leaves without it.</summary>
internal sealed record ExportOptions
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { ReadCommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <summary>Positions of units to a platform that speaks JT/T 808-2019.</summary>
    public Jt808Options? Jt808 { get; init; }

    /// <summary>Confirmed alerts to a platform that speaks GA/T 1400 (视图库).</summary>
    public ViidOptions? Viid { get; init; }

    /// <summary>The catalogue of units and cameras to a platform that speaks GB/T 28181.</summary>
    public Gb28181Options? Gb28181 { get; init; }

    /// <exception cref="CentreException">The file cannot be read, or something in it cannot be: all of it is said at once.</exception>
    public static ExportOptions Read(string path)
    {
        ExportOptions? read;
        try
        {
            read = JsonSerializer.Deserialize<ExportOptions>(File.ReadAllBytes(path), Json);
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new CentreException($"{path} cannot be read: {e.Message}", e);
        }
        var options = read ?? new ExportOptions();
        return options.Faults().ToList() is { Count: > 0 } faults ? throw new CentreException($"{path}: {string.Join(' ', faults)}") : options;
    }

    private IEnumerable<string> Faults() => [.. Jt808?.Faults() ?? [], .. Viid?.Faults() ?? [], .. Gb28181?.Faults() ?? []];

    internal static string? Ground(string section, string authority, string legalReference) =>
        string.IsNullOrWhiteSpace(authority) || string.IsNullOrWhiteSpace(legalReference)
            ? $"{section} needs authority and legalReference: who may receive this, and by which rule."
            : null;
}

/// <summary>A unit on another platform: its number there, and its plate.</summary>
internal sealed record ExportedUnit(string UnitId, string Number, string Plate);

internal sealed record Jt808Options
{
    public string Host { get; init; } = "";

    /// <summary>1 to 65535.</summary>
    public int Port { get; init; }

    /// <summary>Seconds between positions of a unit, 1 to 300; 10 by default.</summary>
    public int EverySeconds { get; init; } = 10;
    public string Authority { get; init; } = "";
    public string LegalReference { get; init; } = "";

    /// <summary>Which units are told, at most 2,000; the number is the terminal's, up to 20 digits.</summary>
    public IReadOnlyList<ExportedUnit> Units { get; init; } = [];

    public IEnumerable<string> Faults()
    {
        if (Host.Length == 0 || Port is < 1 or > 65_535)
            yield return "jt808 needs a host and a port.";
        if (EverySeconds is < 1 or > 300)
            yield return "jt808.everySeconds is 1 to 300.";
        if (ExportOptions.Ground("jt808", Authority, LegalReference) is { } ground)
            yield return ground;
        if (Units.Count is 0 or > 2000 || Units.Any(unit => unit.Number.Length is 0 or > 20 || !unit.Number.All(char.IsAsciiDigit)))
            yield return "jt808.units are 1 to 2000, each with a number of up to 20 digits.";
    }
}

internal sealed record ViidOptions
{
    /// <summary>The platform, e.g. https://viid.example:1400.</summary>
    public Uri? Platform { get; init; }

    /// <summary>Our own id there, 20 digits (GA/T 1400.1 annex: administrative code, kind, type, serial).</summary>
    public string DeviceId { get; init; } = "";
    public string User { get; init; } = "";

    /// <summary>File with the password; one readable by others is refused.</summary>
    public string PasswordFile { get; init; } = "";
    public string Authority { get; init; } = "";
    public string LegalReference { get; init; } = "";

    /// <summary>Categories of lists whose confirmed alerts are told; none by default.</summary>
    public IReadOnlyList<string> Categories { get; init; } = [];

    public IEnumerable<string> Faults()
    {
        if (Platform is not { IsAbsoluteUri: true, Scheme: "http" or "https" })
            yield return "viid.platform is an http or https address.";
        if (DeviceId.Length != 20 || !DeviceId.All(char.IsAsciiDigit))
            yield return "viid.deviceId has 20 digits.";
        if (!File.Exists(PasswordFile) || (File.GetUnixFileMode(PasswordFile) & (UnixFileMode.GroupRead | UnixFileMode.OtherRead)) != 0)
            yield return "viid.passwordFile is a file that only the centre's account can read.";
        if (ExportOptions.Ground("viid", Authority, LegalReference) is { } ground)
            yield return ground;
        if (Categories.Count == 0 || Categories.Any(word => Lists.ListWords.Category(word) is null))
            yield return "viid.categories names categories of lists, such as stolen_vehicle.";
    }
}

internal sealed record Gb28181Options
{
    /// <summary>ADDRESS:PORT of the upper platform's SIP server (UDP).</summary>
    public string Server { get; init; } = "";

    /// <summary>Its id and ours, 20 digits each.</summary>
    public string ServerId { get; init; } = "";
    public string OwnId { get; init; } = "";
    public string PasswordFile { get; init; } = "";
    public string Authority { get; init; } = "";
    public string LegalReference { get; init; } = "";

    /// <summary>First 14 digits of the ids of cameras: administrative code (8), kind (2), type 131 or 132 (3), network (1); six of serial follow.</summary>
    public string CameraPrefix { get; init; } = "";

    public IEnumerable<string> Faults()
    {
        if (!System.Net.IPEndPoint.TryParse(Server, out var server) || server.Port == 0)
            yield return "gb28181.server is ADDRESS:PORT.";
        if (new[] { ServerId, OwnId }.Any(id => id.Length != 20 || !id.All(char.IsAsciiDigit)))
            yield return "gb28181.serverId and ownId have 20 digits each.";
        if (CameraPrefix.Length != 14 || !CameraPrefix.All(char.IsAsciiDigit))
            yield return "gb28181.cameraPrefix has 14 digits.";
        if (!File.Exists(PasswordFile) || (File.GetUnixFileMode(PasswordFile) & (UnixFileMode.GroupRead | UnixFileMode.OtherRead)) != 0)
            yield return "gb28181.passwordFile is a file that only the centre's account can read.";
        if (ExportOptions.Ground("gb28181", Authority, LegalReference) is { } ground)
            yield return ground;
    }
}
