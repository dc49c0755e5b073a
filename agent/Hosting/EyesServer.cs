using System.Net.Sockets;
using System.Threading.Channels;
using EdgeAgent.Agent.Live;
using EdgeAgent.Eyes.V1;
using Grpc.Core;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace EdgeAgent.Agent.Hosting;

/// <summary>
/// Listens for eyes on a Unix socket (mode 0600, in a folder of mode 0700). The kernel says who dials: only the process that the
/// host started is heard, or, where the host starts none, processes of the same user.
/// </summary>
internal sealed partial class EyesServer(EyesChild child, EyesFacts facts, EyesMedia media, ILoggerFactory loggers, string socketPath)
{
    // Above anything that the contract allows, below what could hurt.
    private const int MaxMessageBytes = 16 * 1024 * 1024;

    public async Task RunAsync(StagePulse pulse, CancellationToken stop)
    {
        SafeFile.CreateFolder(Path.GetDirectoryName(socketPath)!);
        File.Delete(socketPath);
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = [] });
        _ = builder.Services.AddSingleton(loggers).AddSingleton(facts).AddSingleton(media);
        _ = builder.Services.AddSingleton(new Asking(stop));
        _ = builder.Services.AddGrpc(o => o.MaxReceiveMessageSize = MaxMessageBytes);
        _ = builder.WebHost.ConfigureKestrel(k =>
        {
            k.Limits.MinRequestBodyDataRate = null;
            k.ListenUnixSocket(socketPath, l =>
            {
                l.Protocols = HttpProtocols.Http2;
                _ = l.Use(next => connection => IsEyes(connection) ? next(connection) : RefuseAsync(connection));
            });
        });
        await using WebApplication server = builder.Build();
        _ = server.MapGrpcService<EyesLinkService>();
        await server.StartAsync(stop);
        File.SetUnixFileMode(socketPath, SafeFile.OwnerOnly);
        pulse.Ok();
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, stop);
        }
        finally
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(1));
            await server.StopAsync(limit.Token);
            File.Delete(socketPath);
        }
    }

    private bool IsEyes(ConnectionContext connection)
    {
        if (connection.Features.Get<IConnectionSocketFeature>()?.Socket is not Socket socket)
            return false;
        (int pid, uint uid) = Posix.PeerOf(socket);
        return uid == Posix.UserId && child.IsExpected(pid);
    }

    private Task RefuseAsync(ConnectionContext connection)
    {
        facts.Refusals.Count("peer");
        connection.Abort();
        return Task.CompletedTask;
    }

    /// <summary>Ends what eyes is being told when the host ends.</summary>
    internal sealed record Asking(CancellationToken Stop);
}

/// <summary>The two streams of one eyes process.</summary>
internal sealed class EyesLinkService(EyesFacts facts, EyesMedia media, EyesServer.Asking asking) : EyesLink.EyesLinkBase
{
    // Control messages are few; a process that does not read this many is stuck and loses its stream.
    private const int ControlCapacity = 256;

    public override Task Attach(
        IAsyncStreamReader<EyesMessage> requestStream, IServerStreamWriter<HostMessage> responseStream, ServerCallContext context) =>
        TalkAsync(responseStream, context, async (queue, stop) =>
        {
            if (!await requestStream.MoveNext(stop) || requestStream.Current.BodyCase != EyesMessage.BodyOneofCase.Hello)
                throw new RpcException(new Status(StatusCode.InvalidArgument, "The first message must be a hello."));
            facts.Attach(requestStream.Current.Hello, queue);
            try
            {
                while (await requestStream.MoveNext(stop))
                    facts.Take(requestStream.Current);
            }
            finally
            {
                facts.Detach(queue);
            }
        });

    public override Task Media(
        IAsyncStreamReader<MediaMessage> requestStream, IServerStreamWriter<MediaRequest> responseStream, ServerCallContext context) =>
        TalkAsync(responseStream, context, async (queue, stop) =>
        {
            media.Attach(queue);
            try
            {
                while (await requestStream.MoveNext(stop))
                    media.Take(requestStream.Current);
            }
            finally
            {
                media.Detach(queue);
            }
        });

    private async Task TalkAsync<T>(IServerStreamWriter<T> writer, ServerCallContext context, Func<ChannelWriter<T>, CancellationToken, Task> listen)
    {
        var queue = Channel.CreateBounded<T>(new BoundedChannelOptions(ControlCapacity) { SingleReader = true });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, asking.Stop);
        Task telling = TellAsync(queue.Reader, writer, stop);
        try
        {
            await listen(queue.Writer, stop.Token);
        }
        catch (RpcException error) when (error.StatusCode == StatusCode.ResourceExhausted)
        {
            facts.Refusals.Count("message_size");
            throw;
        }
        catch (Exception error) when (error is OperationCanceledException or IOException)
        {
            // Eyes went, or the host ends; both are ordinary.
        }
        finally
        {
            _ = queue.Writer.TryComplete();
            await stop.CancelAsync();
            await telling;
        }
    }

    private static async Task TellAsync<T>(ChannelReader<T> queue, IServerStreamWriter<T> writer, CancellationTokenSource stop)
    {
        try
        {
            await foreach (T message in queue.ReadAllAsync(stop.Token))
                await writer.WriteAsync(message, stop.Token);
        }
        catch (Exception error) when (error is OperationCanceledException or IOException or InvalidOperationException)
        {
            // The stream is gone; the reading side ends with it.
        }
        await stop.CancelAsync();
    }
}
