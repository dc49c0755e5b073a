using System.ComponentModel;
using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using EdgeAgent.Rig.Run;
using Microsoft.Win32.SafeHandles;

namespace EdgeAgent.Rig.Network;

/// <summary>
/// A network of its own on this machine: devices, addresses, routes and ports apart from all others. Programs start in it with
/// <see cref="CommandPrefix"/>; this process reaches into it with <see cref="Within{T}"/>.
/// </summary>
internal sealed partial class NetworkNamespace : IAsyncDisposable
{
    private const int NewNetwork = 0x40000000;
    private const int NetAdmin = 12, SysAdmin = 21;
    private const string Family = "edgeagent";
    private static int made;

    private NetworkNamespace(string name) => Name = name;

    public string Name { get; }

    /// <summary>Program and arguments to put before a command; the program keeps the process id, so signals reach it.</summary>
    public IReadOnlyList<string> CommandPrefix => ["ip", "netns", "exec", Name];

    /// <summary>"" where this machine can do all of this folder; else what is missing, in a sentence.</summary>
    public static string WhyNot()
    {
        if (!File.Exists("/dev/net/tun"))
            return "This machine has no /dev/net/tun.";
        if (!((string[])["/usr/sbin/ip", "/sbin/ip", "/usr/bin/ip", "/bin/ip"]).Any(File.Exists))
            return "The program ip is missing (Debian package iproute2).";
        string mask = File.ReadLines("/proc/self/status").First(l => l.StartsWith("CapEff:", StringComparison.Ordinal))[7..].Trim();
        ulong rights = ulong.Parse(mask, NumberStyles.HexNumber);
        return (rights >> NetAdmin & rights >> SysAdmin & 1) == 1 ? "" : "Network namespaces need root.";
    }

    /// <param name="role">A short word for people who list namespaces.</param>
    /// <exception cref="BenchException">This machine makes none; the message says why.</exception>
    public static async Task<NetworkNamespace> CreateAsync(string role, CancellationToken stop)
    {
        if (WhyNot() is { Length: > 0 } why)
            throw new BenchException(why);
        await SweepAsync(stop);
        var space = new NetworkNamespace($"{Family}-{Environment.ProcessId}-{Interlocked.Increment(ref made)}-{role}");
        await IpAsync(["netns", "add", space.Name], stop);
        try
        {
            await space.ConfigureAsync(stop, "link", "set", "lo", "up");
            return space;
        }
        catch
        {
            await space.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs `ip` with these arguments in the namespace.</summary>
    public Task ConfigureAsync(CancellationToken stop, params string[] arguments) => IpAsync(["-n", Name, .. arguments], stop);

    /// <summary>
    /// Runs a call on a thread that lives in the namespace and ends with it. What it opens stays there: a socket made so belongs to the
    /// namespace, whoever uses it afterwards.
    /// </summary>
    public T Within<T>(Func<T> call)
    {
        T? result = default;
        Exception? failed = null;
        var thread = new Thread(() =>
        {
            try
            {
                using SafeFileHandle space = File.OpenHandle(Path.Combine("/run/netns", Name));
                if (Enter(space, NewNetwork) != 0)
                    throw new Win32Exception();
                result = call();
            }
            catch (Exception error)
            {
                failed = error;
            }
        });
        thread.Start();
        thread.Join();
        return failed is null ? result! : throw new InvalidOperationException($"In {Name}: {failed.Message}", failed);
    }

    /// <summary>For SocketsHttpHandler.ConnectCallback: HTTP from inside the namespace.</summary>
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken stop)
    {
        Socket socket = Within(() => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true });
        try
        {
            await socket.ConnectAsync(context.DnsEndPoint, stop);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await IpAsync(["netns", "del", Name], CancellationToken.None);
        }
        catch (BenchException) when (!File.Exists(Path.Combine("/run/netns", Name)))
        {
            // Somebody tidied up already.
        }
    }

    // A killed run leaves its namespaces behind; they bear the number of a process that is gone.
    private static async Task SweepAsync(CancellationToken stop)
    {
        if (!Directory.Exists("/run/netns"))
            return;
        foreach (string name in Directory.EnumerateFiles("/run/netns", Family + "-*").Select(f => Path.GetFileName(f)).ToArray())
        {
            if (int.TryParse(name.Split('-')[1], out int owner) && !Directory.Exists($"/proc/{owner}"))
                await IpAsync(["netns", "del", name], stop);
        }
    }

    private static async Task IpAsync(string[] arguments, CancellationToken stop) => _ = await ChildProcess.RunAsync("ip", arguments, null, stop);

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static partial int Enter(SafeFileHandle space, int kind);
}
