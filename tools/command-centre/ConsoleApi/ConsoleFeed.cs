using System.Threading.Channels;
using EdgeAgent.CommandCentre.Emergencies;
using EdgeAgent.CommandCentre.Sessions;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.ConsoleApi;

/// <summary>Something new for the consoles: a decided alert, or a topic that may have changed.</summary>
internal sealed record ConsoleNews(StoredEvent? Incident, string Topic = "");

/// <summary>Passes what is new to every open console. One that does not read is cut off; it will come back and ask.</summary>
internal sealed class ConsoleFeed
{
    private const int MostWaiting = 2048;
    private readonly List<Channel<ConsoleNews>> consoles = [];
    private readonly Lock gate = new();
    private bool closed;

    public int Consoles
    {
        get
        {
            lock (gate)
                return consoles.Count;
        }
    }

    public Channel<ConsoleNews> Join()
    {
        var channel = Channel.CreateBounded<ConsoleNews>(new BoundedChannelOptions(MostWaiting) { SingleReader = true });
        lock (gate)
        {
            consoles.Add(channel);
            if (closed)
                channel.Writer.Complete();
        }
        return channel;
    }

    public void Leave(Channel<ConsoleNews> channel)
    {
        lock (gate)
            _ = consoles.Remove(channel);
    }

    /// <summary>The centre stops: every console is sent away.</summary>
    public void Close()
    {
        lock (gate)
        {
            closed = true;
            foreach (var console in consoles)
                _ = console.Writer.TryComplete();
        }
    }

    public void EventStored(StoredEvent stored)
    {
        if (stored.Event.BodyCase == Event.BodyOneofCase.AlertDecided)
            Pass(new ConsoleNews(stored));
        else if (stored.Event.BodyCase == Event.BodyOneofCase.Sos)
            Changed(SosDesk.Topic);
    }

    /// <summary>This topic may show something else now.</summary>
    public void Changed(string topic)
    {
        ChangedElsewhere(topic);
        ChangedHere?.Invoke(topic);
    }

    /// <summary>As another process tells it.</summary>
    public void ChangedElsewhere(string topic) => Pass(new ConsoleNews(null, topic));

    /// <summary>Raised for what changed through this gateway.</summary>
    public event Action<string>? ChangedHere;

    private void Pass(ConsoleNews news)
    {
        lock (gate)
        {
            foreach (var console in consoles)
            {
                if (!console.Writer.TryWrite(news))
                    _ = console.Writer.TryComplete();
            }
        }
    }
}
