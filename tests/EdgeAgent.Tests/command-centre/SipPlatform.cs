using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace EdgeAgent.Tests.CommandCentre;

/// <summary>An upper platform of GB/T 28181: digest, queries, and an INVITE that it must not get.</summary>
internal sealed class SipPlatform : IDisposable
{
    private readonly UdpClient socket = new(new IPEndPoint(IPAddress.Loopback, 0));
    private readonly ConcurrentQueue<(string StartLine, string All, string Body)> received = new();
    private readonly TaskCompletionSource registered = new();
    private readonly string password;
    private IPEndPoint? lower;

    public SipPlatform(string id, string lowerId, string password)
    {
        (Id, Lower, this.password) = (id, lowerId, password);
        _ = RunAsync();
    }

    public string Id { get; }

    public string Lower { get; }

    public string Address => socket.Client.LocalEndPoint!.ToString()!;

    public Task RegisteredAsync(CancellationToken stop) => registered.Task.WaitAsync(stop);

    public Task SayAsync(string body) => RawAsync(Request("MESSAGE", body));

    public Task InviteAsync() => RawAsync(Request("INVITE", ""));

    public async Task RawAsync(string text) => _ = await socket.SendAsync(Peers.Gbk.GetBytes(text), lower!);

    public async Task<(string StartLine, string Body)> NextAsync(string start, CancellationToken stop, Func<string, bool>? meant = null)
    {
        while (true)
        {
            while (received.TryDequeue(out var one))
            {
                if (one.StartLine.StartsWith(start, StringComparison.Ordinal) && (meant is null || meant(one.All)))
                    return (one.StartLine, one.Body);
            }
            await Task.Delay(20, stop);
        }
    }

    public void Dispose() => socket.Dispose();

    private string Request(string method, string body) => string.Join("\r\n",
        $"{method} sip:{Lower}@3402000000 SIP/2.0", $"Via: SIP/2.0/UDP {Address};branch=z9hG4bK{Guid.NewGuid():n}", $"From: <sip:{Id}@3402000000>;tag=1",
        $"To: <sip:{Lower}@3402000000>", $"Call-ID: {Guid.NewGuid():n}", $"CSeq: 1 {method}", $"Content-Length: {Peers.Gbk.GetByteCount(body)}", "", body);

    private async Task RunAsync()
    {
        try
        {
            while (true)
                await TakeAsync(await socket.ReceiveAsync());
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task TakeAsync(UdpReceiveResult got)
    {
        lower = got.RemoteEndPoint;
        var text = Peers.Gbk.GetString(got.Buffer);
        var lines = text.Split("\r\n");
        if (!lines[0].StartsWith("REGISTER", StringComparison.Ordinal))
        {
            received.Enqueue((lines[0], text, text.Split("\r\n\r\n", 2)[1]));
            return;
        }
        var echo = string.Join("\r\n", lines.Where(line => line.StartsWith("Via:", StringComparison.Ordinal) || line.StartsWith("From:", StringComparison.Ordinal) || line.StartsWith("To:", StringComparison.Ordinal)
            || line.StartsWith("Call-ID:", StringComparison.Ordinal) || line.StartsWith("CSeq:", StringComparison.Ordinal)));
        var response = lines.FirstOrDefault(line => line.StartsWith("Authorization:", StringComparison.Ordinal))?.Split("response=\"")[1].Split('"')[0];
        var right = Peers.Md5($"{Peers.Md5($"{Lower}:3402000000:{password}")}:n0nce:{Peers.Md5($"REGISTER:sip:{Id}@3402000000")}");
        await RawAsync(response == right
            ? $"SIP/2.0 200 OK\r\n{echo}\r\nContent-Length: 0\r\n\r\n"
            : $"SIP/2.0 401 Unauthorized\r\n{echo}\r\nWWW-Authenticate: Digest realm=\"3402000000\", nonce=\"n0nce\", algorithm=MD5\r\nContent-Length: 0\r\n\r\n");
        if (response == right)
            _ = registered.TrySetResult();
    }
}
