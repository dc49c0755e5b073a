using System.Globalization;

namespace EdgeAgent.Hw.Machine;

/// <summary>The hottest sensor at one moment.</summary>
/// <param name="Sensor">Its name: the zone's type, or chip and label.</param>
/// <param name="Celsius">Degrees.</param>
public sealed record Temperature(string Sensor, double Celsius);

/// <summary>
/// The machine's own sensors: thermal zones (sysfs-class-thermal) and hardware monitors (sysfs-class-hwmon), both in thousandths of a degree.
/// </summary>
/// <param name="root">Where /sys lies; "/sys" but in tests.</param>
/// <param name="only">Names of the sensors that count; none: all.</param>
public sealed class Thermometers(string root, IReadOnlyList<string> only)
{
    // What lies outside is a sensor that is not connected.
    private const double LeastCelsius = -60, MostCelsius = 150;
    private const int MostSensors = 128;

    /// <summary>The hottest one now; null where there is none that can be read.</summary>
    public Temperature? HottestNow() => All().MaxBy(t => t.Celsius);

    /// <summary>Every sensor that can be read and is plausible, at most 128.</summary>
    public IReadOnlyList<Temperature> All() =>
        [.. Zones().Concat(Monitors()).Take(MostSensors).OfType<Temperature>().Where(t => only.Count == 0 || only.Contains(t.Sensor))];

    private IEnumerable<Temperature?> Zones() => Folders("class/thermal", "thermal_zone*")
        .Select(zone => Of(Line(Path.Combine(zone, "type")), Path.Combine(zone, "temp")));

    private IEnumerable<Temperature?> Monitors() => Folders("class/hwmon", "hwmon*").SelectMany(chip => Inputs(chip).Select(input =>
    {
        string label = Line(input.Replace("_input", "_label", StringComparison.Ordinal));
        return Of($"{Line(Path.Combine(chip, "name"))} {label}".Trim(), input);
    }));

    private static Temperature? Of(string name, string file) =>
        long.TryParse(Line(file), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long thousandths)
        && thousandths / 1000.0 is > LeastCelsius and < MostCelsius and var celsius
            ? new Temperature(name.Length > 0 ? name : Path.GetFileName(file), celsius) : null;

    private IEnumerable<string> Folders(string below, string pattern)
    {
        string folder = Path.Combine(root, below);
        return Directory.Exists(folder) ? Directory.EnumerateFileSystemEntries(folder, pattern).Order(StringComparer.Ordinal) : [];
    }

    private static IEnumerable<string> Inputs(string chip) => Directory.Exists(chip) ? Directory.EnumerateFiles(chip, "temp*_input").Order(StringComparer.Ordinal) : [];

    // A sensor may go, or answer with an error, between being listed and being read.
    private static string Line(string file)
    {
        try
        {
            return File.ReadAllText(file).Trim();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
