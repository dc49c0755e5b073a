using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EdgeAgent.Tests.Support;

/// <summary>Hears what a running host logs from here on, as it would stand in its journal.</summary>
internal sealed class LogTrap : ILoggerProvider
{
    private readonly ConcurrentQueue<string> lines = new();

    public LogTrap(IServiceProvider services)
    {
        ILoggerFactory factory = services.GetRequiredService<ILoggerFactory>();
        factory.AddProvider(this);
        const string Planted = "the trap hears";
#pragma warning disable CA1848, CA2254 // Said once, to be heard.
        factory.CreateLogger(nameof(LogTrap)).LogWarning(Planted);
#pragma warning restore CA1848, CA2254
        Assert.Contains(Planted, Text);
    }

    public string Text => string.Join('\n', lines);

    public ILogger CreateLogger(string categoryName) => new Ear(lines);

    public void Dispose() => lines.Clear();

    private sealed class Ear(ConcurrentQueue<string> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
        {
            lines.Enqueue($"{state}");
            return null;
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue($"{formatter(state, exception)} {exception}");
    }
}
