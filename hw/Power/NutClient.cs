using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace EdgeAgent.Hw.Power;

/// <summary>Where an upsd of NUT (Network UPS Tools) serves the car's UPS.</summary>
/// <param name="Ups">Its name in ups.conf.</param>
/// <param name="Host">Of upsd.</param>
/// <param name="Port">3493 by NUT's own choice.</param>
public sealed record UpsAddress(string Ups, string Host, int Port)
{
    private const int StandardPort = 3493;

    /// <summary>Reads NUT's own way of writing it, name@host or name@host:port; null when it is none.</summary>
    public static UpsAddress? Parse(string written)
    {
        int at = written.IndexOf('@', StringComparison.Ordinal), colon = written.LastIndexOf(':');
        bool hasPort = colon > at;
        string ups = at > 0 ? written[..at] : "", host = at < 0 ? "" : hasPort ? written[(at + 1)..colon] : written[(at + 1)..];
        int port = StandardPort;
        bool isPort = !hasPort || (int.TryParse(written[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is > 0 and <= 65535);
        return isPort && host.Length > 0 && ups.Length > 0 && ups.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')
            ? new UpsAddress(ups, host, port) : null;
    }
}

/// <summary>The supply of the box as its UPS tells it.</summary>
/// <param name="Fault">"" when it was told; else not_reachable, no_answer, bad_answer, or NUT's own word in lower case: unknown_ups, data_stale, driver_not_connected, access_denied.</param>
/// <param name="IsOnBattery">The vehicle's supply is gone and the UPS's battery carries the box; null when it did not say.</param>
/// <param name="IsBatteryLow">The UPS says that its battery is nearly empty.</param>
/// <param name="InputVolts">Of the vehicle's supply; null when it did not say.</param>
/// <param name="BatteryVolts">Of the UPS's battery.</param>
/// <param name="ChargePercent">Of the UPS's battery.</param>
/// <param name="RuntimeSeconds">For which that battery is thought to last.</param>
public sealed record SupplyReading(
    string Fault, bool? IsOnBattery, bool IsBatteryLow, double? InputVolts, double? BatteryVolts, double? ChargePercent, double? RuntimeSeconds)
{
    /// <summary>Nothing was told, and why.</summary>
    public static SupplyReading Faulty(string fault) => new(fault, null, false, null, null, null, null);
}

/// <summary>
/// Asks upsd over its line protocol (NUT developer guide, "Network protocol information"): LIST VAR, one connection a question. Answers
/// are bounded in lines, bytes and time.
/// </summary>
public sealed class NutClient(UpsAddress address, TimeProvider time)
{
    private const int MostBytes = 32 << 10;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(3);

    /// <summary>Asks once. Never throws for what the other side does.</summary>
    public async Task<SupplyReading> ReadAsync(CancellationToken stop)
    {
        using var limit = new CancellationTokenSource(s_patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stop);
        using var socket = new TcpClient { NoDelay = true };
        try
        {
            await socket.ConnectAsync(address.Host, address.Port, either.Token);
            await using var stream = socket.GetStream();
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"LIST VAR {address.Ups}\n"), either.Token);
            return Read(await AnswerAsync(stream, either.Token));
        }
        catch (Exception error) when (error is SocketException or IOException)
        {
            return SupplyReading.Faulty("not_reachable");
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return SupplyReading.Faulty("no_answer");
        }
    }

    /// <summary>What upsd said up to the end of its list or its refusal; "" when it said too much or hung up before.</summary>
    private async Task<string> AnswerAsync(NetworkStream stream, CancellationToken stop)
    {
        byte[] answer = new byte[MostBytes];
        int length = 0;
        while (length < answer.Length)
        {
            int read = await stream.ReadAsync(answer.AsMemory(length), stop);
            if (read == 0)
                return "";
            length += read;
            string said = Encoding.UTF8.GetString(answer, 0, length);
            if (said.EndsWith('\n') && (said.StartsWith("ERR ", StringComparison.Ordinal) || said.EndsWith($"END LIST VAR {address.Ups}\n", StringComparison.Ordinal)))
                return said;
        }
        return "";
    }

    private SupplyReading Read(string answer)
    {
        if (answer.StartsWith("ERR ", StringComparison.Ordinal))
            return SupplyReading.Faulty(answer[4..].Split(' ', '\n')[0].ToLowerInvariant().Replace('-', '_'));
        var told = answer.Split('\n').Select(Variable).OfType<(string Name, string Value)>().DistinctBy(v => v.Name).ToDictionary(v => v.Name, v => v.Value);
        if (!told.TryGetValue("ups.status", out string? status))
            return SupplyReading.Faulty("bad_answer");
        string[] words = status.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        // The driver has not heard of its UPS yet.
        if (words.Contains("WAIT"))
            return SupplyReading.Faulty("data_stale");
        bool? onBattery = words.Contains("OB") ? true : words.Contains("OL") ? false : null;
        return new SupplyReading(
            "", onBattery, words.Contains("LB"), Number(told, "input.voltage"), Number(told, "battery.voltage"), Number(told, "battery.charge"), Number(told, "battery.runtime"));
    }

    /// <summary>VAR ups name "value", with quotes and backslashes in the value escaped.</summary>
    private (string Name, string Value)? Variable(string line)
    {
        string start = $"VAR {address.Ups} ";
        int quote = line.IndexOf('"', StringComparison.Ordinal);
        if (!line.StartsWith(start, StringComparison.Ordinal) || quote <= start.Length || !line.EndsWith('"') || quote == line.Length - 1)
            return null;
        return (line[start.Length..quote].Trim(), line[(quote + 1)..^1].Replace("\\\"", "\"", StringComparison.Ordinal).Replace("\\\\", "\\", StringComparison.Ordinal));
    }

    private static double? Number(Dictionary<string, string> told, string name) =>
        told.TryGetValue(name, out string? value) && double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number) ? number : null;
}
