using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace EdgeAgent.Tests.CommandCentre;

/// <summary>Reads JT/T 808-2019 from its text: flags, escapes, a header of 17 bytes, the sum.</summary>
internal sealed class Jt808Platform : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentQueue<(int Id, byte[] Body)> received = new();
    private TcpClient? current;

    public Jt808Platform()
    {
        listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    public string Phone { get; private set; } = "";

    public string Plate { get; private set; } = "";

    public void HangUp() => current?.Close();

    public async Task<byte[]> NextAsync(int id, CancellationToken stop, Func<byte[], bool>? meant = null)
    {
        while (true)
        {
            while (received.TryDequeue(out var one))
            {
                if (one.Id == id && (meant is null || meant(one.Body)))
                    return one.Body;
            }
            await Task.Delay(20, stop);
        }
    }

    public void Dispose()
    {
        listener.Stop();
        current?.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                current = await listener.AcceptTcpClientAsync();
                _ = ReadAsync(current);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // The test is over.
        }
    }

    private async Task ReadAsync(TcpClient client)
    {
        var (stream, frame, one) = (client.GetStream(), new List<byte>(), new byte[1]);
        try
        {
            while (await stream.ReadAsync(one) == 1)
            {
                if (one[0] != 0x7E)
                    frame.Add(one[0]);
                else if (frame.Count > 0)
                {
                    await TakeAsync(stream, [.. frame]);
                    frame.Clear();
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // Hung up.
        }
    }

    private async Task TakeAsync(NetworkStream stream, byte[] escaped)
    {
        var plain = new List<byte>();
        for (var at = 0; at < escaped.Length; at++)
            plain.Add(escaped[at] == 0x7D ? (byte)(0x7C + escaped[++at]) : escaped[at]);
        Assert.Equal(0, plain.Aggregate(0, (sum, b) => sum ^ b));
        var bytes = plain.ToArray();
        var (id, body) = (Peers.U16(bytes, 0), bytes[17..^1]);
        Assert.Equal((body.Length, 1, 1), (Peers.U16(bytes, 2) & 0x3FF, (Peers.U16(bytes, 2) >> 14) & 1, bytes[4]));
        Phone = Convert.ToHexString(bytes, 5, 10).TrimStart('0');
        if (id == 0x0100)
            Plate = Peers.Gbk.GetString(body, 76, body.Length - 76);
        if (id == 0x0102)
            Assert.Equal("code-7", Encoding.ASCII.GetString(body, 1, body[0]));
        byte[] answer = id == 0x0100 ? [bytes[15], bytes[16], 0, .. "code-7"u8] : [bytes[15], bytes[16], bytes[0], bytes[1], 0];
        await stream.WriteAsync(Frame(id == 0x0100 ? 0x8100 : 0x8001, answer));
        received.Enqueue((id, body));
    }

    private static byte[] Frame(int id, byte[] body)
    {
        List<byte> plain = [(byte)(id >> 8), (byte)id, (byte)(0x40 | (body.Length >> 8)), (byte)body.Length, 1, 0, 0, 0, 0, 1, 0x38, 0, 0x13, 0x80, 0, 0, 9, .. body];
        plain.Add((byte)plain.Aggregate(0, (sum, b) => sum ^ b));
        return [0x7E, .. plain.SelectMany(b => b switch { 0x7E => new byte[] { 0x7D, 2 }, 0x7D => [0x7D, 1], _ => [b] }), 0x7E];
    }
}
