using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace EdgeAgent.Rig.Rtsp;

/// <summary>One client: reads requests, answers, and carries one stream's packets on the same TCP connection.</summary>
internal sealed class RtspConnection(TcpClient tcp, RtspServer server) : IDisposable
{
    private readonly OutboundQueue outbound = new(server.Options.MaxQueuedBytes);
    private readonly CancellationTokenSource dropped = new();
    private readonly string sessionId = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4));

    private Mount? mount;
    private RtpSession? rtp;
    private MountReceiver? receiver;

    /// <summary>Serves until the client leaves, is dropped or <paramref name="stop"/> fires. Ends without an exception then.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop, dropped.Token);
        NetworkStream network = tcp.GetStream();
        Task sending = outbound.SendAsync(network, ending.Token);
        try
        {
            await ServeAsync(PipeReader.Create(network), ending.Token);
            outbound.Complete();
            await sending;
        }
        catch (Exception error) when (error is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The other end went away, or we sent it away: either way this conversation is over.
        }
        finally
        {
            if (receiver is not null)
                mount!.Remove(receiver);
            await dropped.CancelAsync();
            await sending.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    public void Dispose()
    {
        dropped.Dispose();
        tcp.Dispose();
    }

    /// <summary>Cuts the connection without a word, as a pulled cable or a crashed camera would.</summary>
    public void Drop()
    {
        try
        {
            // Null once it was disposed of.
            if (tcp.Client is { } socket)
                socket.LingerState = new LingerOption(true, 0);
            dropped.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It ended by itself at the same moment.
        }
    }

    private async Task ServeAsync(PipeReader reader, CancellationToken stop)
    {
        while (true)
        {
            ReadResult read = await reader.ReadAsync(stop);
            ReadOnlySequence<byte> buffer = read.Buffer;
            while (TryTake(ref buffer, out RtspRequest? request, out bool malformed))
            {
                if (malformed)
                {
                    Answer(null, "400 Bad Request");
                    return;
                }
                if (request is not null && !Handle(request))
                    return;
            }
            if (read.IsCompleted)
                return;
            reader.AdvanceTo(buffer.Start, buffer.End);
        }
    }

    /// <summary>Takes one request, or one interleaved packet (then without a request), off the front. False: more must come first.</summary>
    private static bool TryTake(ref ReadOnlySequence<byte> buffer, out RtspRequest? request, out bool malformed)
    {
        request = null;
        malformed = false;
        if (buffer.IsEmpty)
            return false;
        if (buffer.FirstSpan[0] == (byte)'$')
            return TrySkipInterleaved(ref buffer);

        var bytes = new SequenceReader<byte>(buffer);
        if (!bytes.TryReadTo(out ReadOnlySequence<byte> head, "\r\n\r\n"u8))
        {
            malformed = buffer.Length > RtspRequest.MaxHeadBytes;
            return malformed;
        }
        request = RtspRequest.Parse(head);
        malformed = request is null || request.CSeq < 0 || request.ContentLength > RtspRequest.MaxHeadBytes;
        if (malformed)
            return true;
        if (bytes.Remaining < request!.ContentLength)
        {
            request = null;
            return false;
        }
        bytes.Advance(request.ContentLength);
        buffer = buffer.Slice(bytes.Position);
        return true;
    }

    /// <summary>A receiver report of the client: nothing here depends on it.</summary>
    private static bool TrySkipInterleaved(ref ReadOnlySequence<byte> buffer)
    {
        Span<byte> header = stackalloc byte[4];
        if (buffer.Length < header.Length)
            return false;
        buffer.Slice(0, header.Length).CopyTo(header);
        int length = header.Length + ((header[2] << 8) | header[3]);
        if (buffer.Length < length)
            return false;
        buffer = buffer.Slice(length);
        return true;
    }

    /// <returns>False when the connection is to end after what has been answered.</returns>
    private bool Handle(RtspRequest request)
    {
        if (request.Method != "OPTIONS" && server.Authentication is { } authentication && !authentication.Accepts(request))
        {
            Answer(request, "401 Unauthorized", $"WWW-Authenticate: {authentication.Challenge}\r\n");
            return true;
        }
        switch (request.Method)
        {
            case "OPTIONS":
                Answer(request, "200 OK", "Public: OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER, TEARDOWN\r\n");
                return true;
            case "DESCRIBE":
                return Describe(request);
            case "SETUP":
                return Setup(request);
            case "PLAY":
                Play(request);
                return true;
            case "GET_PARAMETER" or "SET_PARAMETER":
                Answer(request, "200 OK", $"Session: {sessionId}\r\n");
                return true;
            case "TEARDOWN":
                Answer(request, "200 OK", $"Session: {sessionId}\r\n");
                return false;
            default:
                Answer(request, "501 Not Implemented");
                return true;
        }
    }

    private bool Describe(RtspRequest request)
    {
        if (server.Find(request.Path) is not { } wanted)
        {
            Answer(request, "404 Not Found");
            return true;
        }
        if (!wanted.Plugged)
            return Refuse();
        Answer(request, "200 OK", $"Content-Base: {server.UrlOf(wanted.Path)}/\r\nContent-Type: application/sdp\r\n", wanted.Sdp());
        return true;
    }

    private bool Setup(RtspRequest request)
    {
        if (server.Find(request.Path) is not { } wanted)
        {
            Answer(request, "404 Not Found");
            return true;
        }
        if (!wanted.Plugged)
            return Refuse();
        string transport = request["Transport"];
        if (!transport.Contains("RTP/AVP/TCP", StringComparison.Ordinal))
        {
            Answer(request, "461 Unsupported Transport");
            return true;
        }
        if (receiver is not null)
        {
            Answer(request, "455 Method Not Valid in This State");
            return true;
        }
        (byte rtpChannel, byte rtcpChannel) = Channels(transport);
        uint ssrc = BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(4));
        mount = wanted;
        rtp = new RtpSession(wanted.Codec, rtpChannel, rtcpChannel, ssrc, (ushort)ssrc);
        Answer(request, "200 OK", $"Transport: RTP/AVP/TCP;unicast;interleaved={rtpChannel}-{rtcpChannel};ssrc={ssrc:X8}\r\nSession: {sessionId};timeout=60\r\n");
        return true;
    }

    private void Play(RtspRequest request)
    {
        if (rtp is null)
        {
            Answer(request, "455 Method Not Valid in This State");
            return;
        }
        if (request["Session"] != sessionId)
        {
            Answer(request, "454 Session Not Found");
            return;
        }
        Answer(request, "200 OK", $"Session: {sessionId}\r\nRange: npt=now-\r\n");
        if (receiver is null)
        {
            receiver = new MountReceiver(rtp, outbound, Drop);
            mount!.Add(receiver);
        }
    }

    private bool Refuse()
    {
        Drop();
        return false;
    }

    private static (byte Rtp, byte Rtcp) Channels(string transport)
    {
        const string key = "interleaved=";
        int at = transport.IndexOf(key, StringComparison.Ordinal);
        if (at < 0)
            return (0, 1);
        string[] numbers = transport[(at + key.Length)..].Split(';', ',')[0].Split('-');
        byte rtp = byte.TryParse(numbers[0], CultureInfo.InvariantCulture, out byte first) ? first : (byte)0;
        return (rtp, numbers.Length > 1 && byte.TryParse(numbers[1], CultureInfo.InvariantCulture, out byte second) ? second : (byte)(rtp + 1));
    }

    private void Answer(RtspRequest? request, string status, string headers = "", string body = "")
    {
        string length = body.Length > 0 ? $"Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n" : "";
        string text = $"RTSP/1.0 {status}\r\nCSeq: {request?.CSeq ?? 0}\r\nServer: EdgeAgent bench\r\n{headers}{length}\r\n{body}";
        byte[] buffer = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length));
        if (!outbound.TryWrite(buffer, Encoding.UTF8.GetBytes(text, buffer)))
            Drop();
    }
}
