using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net.Sockets;
using System.Threading.Channels;
using EdgeAgent.Agent.Emergencies;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Agent.Officers;
using EdgeAgent.Contract;
using EdgeAgent.DispatchClient.Uplink;
using Google.Protobuf;
using Grpc.Core;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Voice;

/// <summary>
/// Voice between the car's pages and the centre: the car says who speaks, the centre whose turn it is. Words pass through memory and are
/// kept nowhere. Without a link nobody is heard, and the page is told so at once.
/// </summary>
internal sealed class VoiceDesk(CentreLink link, SosBook sos, TimeProvider time)
{
    // Two seconds: what a stalled link could not send by then is no longer worth hearing.
    private const int MostWaiting = 100;
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(300), Again = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<ByteString, VoicePage> asked = new();
    private ImmutableArray<VoicePage> pages = [];
    private volatile Channel<VoiceUp>? up;

    public async Task RunAsync(StagePulse pulse, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            pulse.Beat();
            TimeSpan wait = Look;
            if (link.State.Phase == LinkPhase.Up)
                wait = await TalkAsync(pulse, stop);
            await Task.Delay(wait, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public void Join(VoicePage page) => ImmutableInterlocked.Update(ref pages, all => all.Add(page));

    public void Leave(VoicePage page)
    {
        _ = ImmutableInterlocked.Update(ref pages, all => all.Remove(page));
        foreach (ByteString own in asked.Where(a => a.Value == page).Select(a => a.Key).ToList())
            Over(page, own);
    }

    /// <summary>May this page speak? Its answer comes as a word.</summary>
    /// <param name="officer">Who is signed in at it; null: only a call for help is let through.</param>
    public void Ask(VoicePage page, VoiceAsk ask, DutySession? officer)
    {
        string code = ask.Emergency && sos.Open is null ? "not_allowed"
            : officer is null && !ask.Emergency ? "signed_out"
            : asked.ContainsKey(ask.TalkId) ? "bad_talk"
            : VoiceRules.Problem(ask);
        if (code.Length == 0)
        {
            (ask.OfficerId, ask.Speaker) = (officer?.OfficerId ?? "", officer?.DisplayName ?? "");
            asked[ask.TalkId] = page;
            if (Send(new VoiceUp { Ask = ask }))
                return;
            _ = asked.TryRemove(ask.TalkId, out _);
            code = "no_link";
        }
        page.Tell(new VoiceDown { Answer = new VoiceAnswer { TalkId = ask.TalkId, Code = code } });
    }

    public void Frame(VoicePage page, VoiceFrame frame)
    {
        if (VoiceRules.Problem(frame).Length == 0 && asked.TryGetValue(frame.TalkId, out VoicePage? own) && own == page)
            _ = Send(new VoiceUp { Frame = frame });
    }

    public void Over(VoicePage page, ByteString talkId)
    {
        if (asked.TryRemove(new KeyValuePair<ByteString, VoicePage>(talkId, page)))
            _ = Send(new VoiceUp { Over = new VoiceOver { TalkId = talkId } });
    }

    private bool Send(VoiceUp word) => up is { } now && now.Writer.TryWrite(word);

    private async Task<TimeSpan> TalkAsync(StagePulse pulse, CancellationToken stop)
    {
        var words = Channel.CreateBounded<VoiceUp>(new BoundedChannelOptions(MostWaiting) { SingleReader = true });
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        using ITimer watch = time.CreateTimer(
            _ =>
            {
                pulse.Beat();
                if (link.State.Phase != LinkPhase.Up)
                    ended.Cancel();
            },
            null, Look, Look);
        up = words;
        try
        {
            pulse.Ok();
            await link.TalkAsync(words.Reader, Take, ended.Token);
            return Look;
        }
        catch (RpcException refused) when (refused.StatusCode == StatusCode.Unimplemented)
        {
            pulse.Degraded("The centre knows no voice.");
            return TimeSpan.FromSeconds(30);
        }
        catch (Exception error) when (error is RpcException or IOException or OperationCanceledException or InvalidOperationException or SocketException)
        {
            return Again;
        }
        finally
        {
            up = null;
            Lost();
        }
    }

    private void Take(VoiceDown word)
    {
        ByteString? talk = word.BodyCase switch
        {
            VoiceDown.BodyOneofCase.Answer => word.Answer.TalkId,
            VoiceDown.BodyOneofCase.Over => word.Over.TalkId,
            _ => null,
        };
        if (talk is not null && asked.TryGetValue(talk, out VoicePage? page))
        {
            // Refused, or ended by the centre.
            if (word.Over is not null || word.Answer?.Code.Length > 0)
                _ = asked.TryRemove(talk, out _);
            page.Tell(word);
        }
        else if (word.BodyCase != VoiceDown.BodyOneofCase.Answer)
        {
            foreach (VoicePage listener in pages)
                listener.Tell(word);
        }
    }

    // Whoever speaks is told; whoever listens hears no more, and the page ends a talk by its silence.
    private void Lost()
    {
        foreach ((ByteString talk, VoicePage page) in asked)
        {
            if (asked.TryRemove(talk, out _))
                page.Tell(new VoiceDown { Over = new VoiceOver { TalkId = talk, Code = "lost" } });
        }
    }
}
