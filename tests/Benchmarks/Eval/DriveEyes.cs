using System.Collections.Concurrent;
using System.Diagnostics;
using System.Threading.Channels;
using EdgeAgent.Eyes.V1;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EdgeAgent.Benchmarks.Eval;

/// <summary>The real process that looks, with as much of a host around it as it needs: a socket that keeps what it is told.</summary>
internal sealed class DriveEyes : IAsyncDisposable
{
    /// <summary>For models to load and cameras to connect, on a busy machine.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly WebApplication _app;
    private readonly Service _service;
    private readonly Process _process;
    private readonly string _folder;

    private DriveEyes(WebApplication app, Service service, Process process, string folder)
    {
        _app = app;
        _service = service;
        _process = process;
        _folder = folder;
    }

    /// <summary>Everything told since the start, in order.</summary>
    public ConcurrentQueue<EyesMessage> Facts => _service.Facts;

    public EyesCounters? Counters => Facts.LastOrDefault(f => f.Counters is not null)?.Counters;

    /// <summary>Processor time that it has used, seconds.</summary>
    public double CpuSeconds
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime.TotalSeconds;
        }
    }

    /// <summary>Returns when its models are loaded and it has attached.</summary>
    /// <exception cref="InputException">There is no edge-agent beside this program, or it does not start.</exception>
    public static async Task<DriveEyes> StartAsync(CancellationToken stop)
    {
        string folder = Directory.CreateTempSubdirectory("edgeagent-drives").FullName;
        string socket = Path.Combine(folder, "eyes.sock");
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => k.ListenUnixSocket(socket, o => o.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc();
        var service = new Service();
        builder.Services.AddSingleton(service);
        var app = builder.Build();
        app.MapGrpcService<Service>();
        await app.StartAsync(stop);
        var eyes = new DriveEyes(app, service, Start(socket), folder);
        if (await eyes.UntilAsync(() => eyes.Facts.Any(f => f.Hello is { Models.Count: > 0 }), Patience, stop))
            return eyes;
        await eyes.DisposeAsync();
        throw new InputException("The process that looks did not attach and load its networks within a minute.");
    }

    public void Order(HostMessage message) => _service.Orders.Writer.TryWrite(message);

    /// <summary>Waits for something to become true; false: it did not in time, or the process has ended.</summary>
    public async Task<bool> UntilAsync(Func<bool> condition, TimeSpan patience, CancellationToken stop)
    {
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            if (_process.HasExited || Stopwatch.GetElapsedTime(start) > patience)
                return false;
            await Task.Delay(50, stop);
        }
        return true;
    }

    public async ValueTask DisposeAsync()
    {
        Order(new HostMessage { Stop = new StopEyes() });
        using (var hurry = new CancellationTokenSource(TimeSpan.FromSeconds(10)))
        {
            try
            {
                await _process.WaitForExitAsync(hurry.Token);
            }
            catch (OperationCanceledException)
            {
                _process.Kill();
            }
        }
        _process.Dispose();
        await _app.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static Process Start(string socket)
    {
        // artifacts/bin/Benchmarks/release/ → artifacts/bin/EdgeAgent.Agent/release/edge-agent
        string own = Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory);
        string program = Path.GetFullPath(Path.Combine(own, "..", "..", "EdgeAgent.Agent", Path.GetFileName(own), "edge-agent"));
        if (!File.Exists(program))
            throw new InputException($"There is no {program}: run ./dev build first.");
        // What it logs is progress: standard output belongs to the one JSON line.
        var info = new ProcessStartInfo(program, ["eyes", "--socket", socket]) { RedirectStandardOutput = true };
        var process = Process.Start(info)!;
        process.OutputDataReceived += (_, line) => Console.Error.WriteLine(line.Data);
        process.BeginOutputReadLine();
        return process;
    }

    private sealed class Service : EyesLink.EyesLinkBase
    {
        public ConcurrentQueue<EyesMessage> Facts { get; } = new();

        public Channel<HostMessage> Orders { get; } = Channel.CreateUnbounded<HostMessage>();

        public override async Task Attach(IAsyncStreamReader<EyesMessage> told, IServerStreamWriter<HostMessage> orders, ServerCallContext context)
        {
            Task receiving = KeepAsync(told, context.CancellationToken);
            try
            {
                await foreach (var order in Orders.Reader.ReadAllAsync(context.CancellationToken))
                    await orders.WriteAsync(order, context.CancellationToken);
            }
            catch (Exception e) when (e is IOException or OperationCanceledException)
            {
                // Eyes is gone.
            }
            await receiving;
        }

        /// <summary>Nothing is asked for: no pictures, no video.</summary>
        public override Task Media(IAsyncStreamReader<MediaMessage> told, IServerStreamWriter<MediaRequest> requests, ServerCallContext context) =>
            Task.Delay(Timeout.Infinite, context.CancellationToken).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

        private async Task KeepAsync(IAsyncStreamReader<EyesMessage> told, CancellationToken stop)
        {
            try
            {
                while (await told.MoveNext(stop))
                    Facts.Enqueue(told.Current);
            }
            catch (Exception e) when (e is IOException or OperationCanceledException)
            {
                // Eyes is gone.
            }
        }
    }
}
