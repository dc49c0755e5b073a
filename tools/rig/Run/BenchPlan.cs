using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace EdgeAgent.Rig.Run;

/// <summary>Names, secrets and ports of one run. Everything listens on loopback; on an emulated link each end has its own.</summary>
internal sealed record BenchPlan
{
    public const string UnitId = "PB-0001";
    public const string OfficerId = "010001";
    public const string Dispatcher = "dispatcher";

    public required string Pin { get; init; }

    public required string DispatcherPassword { get; init; }

    public required int LinkPort { get; init; }

    public required int ConsolePort { get; init; }

    public required int TerminalPort { get; init; }

    /// <summary>Where cars reach the centre.</summary>
    public string CentreHost { get; init; } = "127.0.0.1";

    public string CentreUrl => $"https://{CentreHost}:{LinkPort}";

    /// <summary>Where the car looks for the centre when somebody holds the link between; 0 = at the centre itself.</summary>
    public int HeldLinkPort { get; init; }

    public string CarCentreUrl => HeldLinkPort == 0 ? CentreUrl : $"https://{CentreHost}:{HeldLinkPort}";

    public string ConsoleUrl => $"http://127.0.0.1:{ConsolePort}";

    public string TerminalUrl => $"http://127.0.0.1:{TerminalPort}";

    /// <summary>The usual ports where they are free, so that a bookmark keeps working; any free one otherwise.</summary>
    public static BenchPlan Make() => new()
    {
        Pin = RandomNumberGenerator.GetInt32(100_000, 1_000_000).ToString(),
        DispatcherPassword = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8)),
        LinkPort = Free(8443),
        ConsolePort = Free(8090),
        TerminalPort = Free(8088),
    };

    public static int Free(int wanted)
    {
        foreach (int port in (int[])[wanted, 0])
        {
            var listener = new TcpListener(IPAddress.Loopback, port) { ExclusiveAddressUse = true };
            try
            {
                listener.Start();
                return ((IPEndPoint)listener.LocalEndpoint).Port;
            }
            catch (SocketException) when (port != 0)
            {
                // Taken: the next turn asks for any.
            }
            finally
            {
                listener.Stop();
            }
        }
        throw new BenchException("No free port on loopback.");
    }
}
