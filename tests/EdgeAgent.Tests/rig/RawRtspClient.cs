using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace EdgeAgent.Tests.Rig;

/// <summary>The least of an RTSP client: says exactly what a test wants to say, shows exactly what comes back.</summary>
internal sealed class RawRtspClient : IDisposable
{
    private readonly TcpClient tcp = new();
    private readonly CancellationTokenSource limit = new(TimeSpan.FromSeconds(10));
    private BufferedStream stream = null!;

    public static async Task<RawRtspClient> ConnectAsync(int port)
    {
        var client = new RawRtspClient();
        await client.tcp.ConnectAsync(IPAddress.Loopback, port, client.limit.Token);
        client.stream = new BufferedStream(client.tcp.GetStream());
        return client;
    }

    public TcpClient Tcp => tcp;

    /// <summary>DESCRIBE is left out: SETUP and PLAY are enough to get packets.</summary>
    public async Task PlayAsync(string url)
    {
        string setup = await RequestAsync($"SETUP {url}/track0 RTSP/1.0\r\nCSeq: 1\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n\r\n");
        string session = setup.Split("Session: ")[1].Split(';')[0];
        Assert.StartsWith("RTSP/1.0 200", await RequestAsync($"PLAY {url} RTSP/1.0\r\nCSeq: 2\r\nSession: {session}\r\n\r\n"));
    }

    public async Task<string> RequestAsync(string text)
    {
        await stream.WriteAsync(Encoding.ASCII.GetBytes(text), limit.Token);
        await stream.FlushAsync(limit.Token);
        var answer = new StringBuilder();
        var one = new byte[1];
        while (!answer.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            await stream.ReadExactlyAsync(one, limit.Token);
            answer.Append((char)one[0]);
        }
        return answer.ToString();
    }

    /// <summary>The next interleaved packet.</summary>
    public async Task<(byte Channel, byte[] Packet)> PacketAsync()
    {
        var header = new byte[4];
        await stream.ReadExactlyAsync(header, limit.Token);
        Assert.Equal((byte)'$', header[0]);
        var packet = new byte[BinaryPrimitives.ReadUInt16BigEndian(header.AsSpan(2))];
        await stream.ReadExactlyAsync(packet, limit.Token);
        return (header[1], packet);
    }

    /// <summary>True when the server has ended the connection.</summary>
    public async Task<bool> IsClosedAsync()
    {
        try
        {
            var buffer = new byte[65536];
            while (await stream.ReadAsync(buffer, limit.Token) > 0)
            {
            }
            return true;
        }
        catch (IOException)
        {
            return true;
        }
    }

    public void Dispose()
    {
        tcp.Dispose();
        limit.Dispose();
    }
}
