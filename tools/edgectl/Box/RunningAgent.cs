using System.Net.Sockets;
using System.Text.Json;

namespace EdgeAgent.Edgectl.Box;

/// <summary>What the running agent says of itself at its socket for technicians (agent/Hosting/TechnicianDoor).</summary>
internal sealed record RunningAgent(
    string UnitId, string SoftwareVersion, int Pid, long AtUnixMs, AgentHealth Health, IReadOnlyList<AgentStage> Stages, IReadOnlyList<AgentList> Lists,
    IReadOnlyList<AgentModel> Models, SortedDictionary<string, JsonElement> Settings, ulong CentreSettingsInForce, ulong CentreSettingsHeld, AgentOutside Outside)
{
    private const int MostBytes = 8 << 20;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web) { RespectRequiredConstructorParameters = true };

    /// <returns>Null when no agent runs over this folder.</returns>
    /// <exception cref="IOException">One does and cannot be heard: it is another user's, or of another version.</exception>
    public static async Task<RunningAgent?> AskAsync(string data, CancellationToken stop)
    {
        string path = Path.Combine(data, "run", "technician.sock");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(Patience);
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), limit.Token);
            using var said = new MemoryStream();
            byte[] block = new byte[64 << 10];
            for (int read; (read = await socket.ReceiveAsync(block, limit.Token)) > 0 && said.Length < MostBytes;)
                said.Write(block, 0, read);
            return said.Length == 0
                ? throw new IOException($"The agent at {path} says nothing to this user: be the agent's user, or root.")
                : JsonSerializer.Deserialize<RunningAgent>(said.GetBuffer().AsSpan(0, (int)said.Length), Format);
        }
        catch (SocketException error) when (error.SocketErrorCode is SocketError.ConnectionRefused or SocketError.ConnectionReset or SocketError.AddressNotAvailable || !File.Exists(path))
        {
            return null;
        }
        catch (SocketException error)
        {
            throw new IOException($"The agent at {path} cannot be asked ({error.Message}): be the agent's user, or root.", error);
        }
        catch (JsonException error)
        {
            throw new IOException($"The agent at {path} is of another version than this program: {error.Message}", error);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw new IOException($"The agent at {path} does not answer.");
        }
    }

    /// <exception cref="CommandException">agent_not_running.</exception>
    public static async Task<RunningAgent> RequireAsync(string data, CancellationToken stop) =>
        await AskAsync(data, stop) ?? throw new CommandException("agent_not_running", $"No agent runs over {data}: start it (systemctl start edge-agent), or name its data folder with --data.");
}

internal sealed record AgentHealth(bool Well, IReadOnlyList<string> Ill);

/// <summary>Link and clock in words (up, down, refused, connecting; centre, gnss, floor, untrusted), and what cameras and roster are like.</summary>
internal sealed record AgentOutside(string Link, string LinkDetail, string TimeTrust, int Officers, IReadOnlyList<string> FrozenCameras);

internal sealed record AgentStage(string Name, string Condition, string Detail, double RateHz, long Restarts);

internal sealed record AgentModel(string Name, string Sha256, IReadOnlyDictionary<string, float> Thresholds);

internal sealed record AgentList(
    string ListId, ulong Version, string Kind, string Category, string Authority, long IssuedAtUnixMs, long ValidToUnixMs, int Entries, string State, string Code, string WhyZh, string WhyEn);
