using System.Collections.Concurrent;
using System.Threading.Channels;
using EdgeAgent.Eyes.V1;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EdgeAgent.Tests.Eyes;

/// <summary>The host's end of the socket: a real gRPC server that keeps what it is told.</summary>
internal sealed class EyesHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Service _service;

    private EyesHost(WebApplication app, string socketPath, Service service)
    {
        _app = app;
        SocketPath = socketPath;
        _service = service;
    }

    public string SocketPath { get; }

    public ConcurrentQueue<EyesMessage> Facts => _service.Facts;

    public ConcurrentQueue<MediaMessage> Pictures => _service.Pictures;

    public IEnumerable<PlateVisit> Plates => Facts.Where(f => f.Plate is not null).Select(f => f.Plate);

    public IEnumerable<FaceVisit> Faces => Facts.Where(f => f.Face is not null).Select(f => f.Face);

    public EyesCounters? Counters => Facts.LastOrDefault(f => f.Counters is not null)?.Counters;

    public static async Task<EyesHost> StartAsync(string folder, string? name = null)
    {
        string path = Path.Combine(folder, name ?? $"{Guid.NewGuid():n}.sock");
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => k.ListenUnixSocket(path, o => o.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc();
        var service = new Service();
        builder.Services.AddSingleton(service);
        var app = builder.Build();
        app.MapGrpcService<Service>();
        await app.StartAsync();
        return new EyesHost(app, path, service);
    }

    public void Order(HostMessage message) => Assert.True(_service.Orders.Writer.TryWrite(message));

    public void Request(MediaRequest message) => Assert.True(_service.Requests.Writer.TryWrite(message));

    public async ValueTask DisposeAsync()
    {
        _service.Orders.Writer.TryComplete();
        _service.Requests.Writer.TryComplete();
        using var hurry = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await _app.StopAsync(hurry.Token);
        await _app.DisposeAsync();
    }

    private sealed class Service : EyesLink.EyesLinkBase
    {
        public ConcurrentQueue<EyesMessage> Facts { get; } = new();

        public ConcurrentQueue<MediaMessage> Pictures { get; } = new();

        public Channel<HostMessage> Orders { get; } = Channel.CreateUnbounded<HostMessage>();

        public Channel<MediaRequest> Requests { get; } = Channel.CreateUnbounded<MediaRequest>();

        public override Task Attach(IAsyncStreamReader<EyesMessage> told, IServerStreamWriter<HostMessage> orders, ServerCallContext context) =>
            Both(Keep(told, Facts, context), Send(Orders.Reader, orders, context));

        public override Task Media(IAsyncStreamReader<MediaMessage> told, IServerStreamWriter<MediaRequest> requests, ServerCallContext context) =>
            Both(Keep(told, Pictures, context), Send(Requests.Reader, requests, context));

        private static async Task Both(Task receiving, Task sending)
        {
            try
            {
                await await Task.WhenAny(receiving, sending);
            }
            catch (Exception e) when (e is IOException or OperationCanceledException)
            {
                // Eyes is gone.
            }
        }

        private static async Task Keep<T>(IAsyncStreamReader<T> from, ConcurrentQueue<T> to, ServerCallContext context)
        {
            while (await from.MoveNext(context.CancellationToken))
                to.Enqueue(from.Current);
        }

        private static async Task Send<T>(ChannelReader<T> from, IServerStreamWriter<T> to, ServerCallContext context)
        {
            await foreach (var message in from.ReadAllAsync(context.CancellationToken))
                await to.WriteAsync(message, context.CancellationToken);
        }
    }
}
