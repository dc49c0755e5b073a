using System.Buffers.Binary;
using System.Net.WebSockets;
using System.Text.Json;
using System.Threading.Channels;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Agent.Live;
using EdgeAgent.Eyes.V1;

namespace EdgeAgent.Agent.Terminal;

/// <summary>/api/preview and /api/live: pixels to the page. A slow page misses pictures, never delays them.</summary>
internal sealed class PictureSockets(CarOptions options, EyesMedia media, TrustedClock clock)
{
    private const byte InitSegment = 0, KeyFragment = 1, DeltaFragment = 2;
    private const int HeaderBytes = 9;

    public async Task PreviewAsync(WebSocket socket, CancellationToken stop)
    {
        using PreviewWatch watch = media.WatchPreviews();
        // A single place: the newest picture waits in the watch, which drops the oldest.
        Channel<byte[]> queue = Channel.CreateBounded<byte[]>(1);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Task feeding = FeedPreviewsAsync(watch, queue.Writer, ending.Token);
        await SocketPump.RunAsync(socket, queue.Reader, WebSocketMessageType.Binary, keepAlive: [255], stop);
        await ending.CancelAsync();
        await feeding.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public async Task LiveAsync(WebSocket socket, LiveWatch watch, CancellationToken stop)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Task listening = SocketPump.ListenAsync(socket, ending);
        try
        {
            await foreach (LiveStep step in watch.Steps.ReadAllAsync(ending.Token))
                await SendAsync(socket, step, ending.Token);
        }
        catch (Exception error) when (error is OperationCanceledException or WebSocketException or InvalidOperationException)
        {
            socket.Abort();
        }
        finally
        {
            await ending.CancelAsync();
            await listening;
        }
    }

    private async Task SendAsync(WebSocket socket, LiveStep step, CancellationToken stop)
    {
        if (step.Failed is not null)
        {
            // The page dials again by itself; until then it shows that there is nothing.
            await socket.CloseOutputAsync(WebSocketCloseStatus.EndpointUnavailable, null, stop);
        }
        else if (step.Start is { } start)
        {
            byte[] facts = JsonSerializer.SerializeToUtf8Bytes(new { start.Mime, start.Width, start.Height }, JsonSerializerOptions.Web);
            await SocketPump.SendAsync(socket, facts, WebSocketMessageType.Text, stop);
            await SocketPump.SendAsync(socket, Framed(InitSegment, 0, start.InitSegment.Span), WebSocketMessageType.Binary, stop);
        }
        else if (step.Fragment is { } fragment)
        {
            byte[] message = Framed(fragment.Key ? KeyFragment : DeltaFragment, clock.FromWall(fragment.CapturedUnixMs), fragment.Data.Span);
            await SocketPump.SendAsync(socket, message, WebSocketMessageType.Binary, stop);
        }
    }

    private async Task FeedPreviewsAsync(PreviewWatch watch, ChannelWriter<byte[]> queue, CancellationToken stop)
    {
        var order = options.Cameras.Select((camera, index) => (camera.Id, index)).ToDictionary(c => c.Id, c => (byte)c.index);
        await foreach (Preview preview in watch.Pictures.ReadAllAsync(stop))
            await queue.WriteAsync(Framed(order[preview.CameraId], clock.UnixMsAt(preview.CapturedMonoMs), preview.Jpeg.Span), stop);
    }

    private static byte[] Framed(byte first, long unixMs, ReadOnlySpan<byte> body)
    {
        byte[] message = new byte[HeaderBytes + body.Length];
        message[0] = first;
        BinaryPrimitives.WriteInt64LittleEndian(message.AsSpan(1), unixMs);
        body.CopyTo(message.AsSpan(HeaderBytes));
        return message;
    }
}
