using System.Collections.Concurrent;
using System.Data.Common;
using System.Threading.Channels;
using EdgeAgent.CommandCentre.ConsoleApi;
using EdgeAgent.CommandCentre.Sessions;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Voice;

/// <summary>
/// Carries words from who has the floor of a channel to who may hear it. Words pass through memory only; who spoke where, and for how
/// long, is in the audit. Who calls for help goes before the centre, the centre before a car, else who came first.
/// </summary>
internal sealed class VoiceHub(UnitFacts units, SessionRegistry sessions, Visibility visibility, CommitQueue commits, TimeProvider time) : BackgroundService
{
    private const int MostTalks = 500, OfCar = 0, OfCentre = 1, OfEmergency = 2;
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);
    private readonly ConcurrentDictionary<VoiceMember, bool> members = new();
    private readonly ConcurrentDictionary<ByteString, ActiveTalk> talks = new();
    private readonly Lock gate = new();

    /// <summary>For the other gateways: begins, frames and ends of talks that are spoken here.</summary>
    public event Action<VoiceDown>? Said;

    public void Join(VoiceMember member)
    {
        lock (gate)
        {
            members[member] = true;
            foreach (var talk in talks.Values.Where(talk => talk.Speaker != member && Hears(member, talk.Talk)))
            {
                talk.Listeners = talk.Listeners.Add(member);
                member.Queue.Tell(new VoiceDown { Begin = talk.Talk });
            }
        }
    }

    public async Task LeaveAsync(VoiceMember member)
    {
        lock (gate)
        {
            _ = members.TryRemove(member, out _);
            foreach (var talk in talks.Values)
                talk.Listeners = talk.Listeners.Remove(member);
        }
        await EndAllAsync(member, "lost");
    }

    private async Task EndAllAsync(VoiceMember member, string code)
    {
        foreach (var own in talks.Values.Where(talk => talk.Speaker == member).ToList())
            await EndAsync(own, code);
    }

    /// <summary>Answers the member. Granted: the floor and its line in the audit are on disk.</summary>
    public async Task AskAsync(VoiceMember member, VoiceAsk ask)
    {
        var answer = new VoiceAnswer { TalkId = ask.TalkId, Code = VoiceRules.Problem(ask) };
        var channel = answer.Code.Length == 0 ? ChannelFor(member, ask.Channel) : null;
        if (answer.Code.Length == 0)
            answer.Code = channel is null ? "unknown_channel" : Refusal(member, channel, ask);
        if (answer.Code.Length == 0 && ask.Emergency)
            await EndAllAsync(member, "taken_over");
        if (answer.Code.Length == 0)
            (answer.Code, answer.BusyWith) = await TakeAsync(member, ask, channel!);
        member.Queue.Tell(new VoiceDown { Answer = answer });
    }

    public void Frame(VoiceMember member, VoiceFrame frame)
    {
        if (VoiceRules.Problem(frame).Length > 0 || !talks.TryGetValue(frame.TalkId, out var talk) || talk.Speaker != member || !talk.Takes(frame))
            return;
        Pass(talk, new VoiceDown { Frame = frame });
    }

    public Task OverAsync(VoiceMember member, ByteString talkId) =>
        talks.TryGetValue(talkId, out var talk) && talk.Speaker == member ? EndAsync(talk, "") : Task.CompletedTask;

    /// <summary>What is spoken at another gateway, to who hears it here.</summary>
    public void FromElsewhere(VoiceDown word)
    {
        switch (word.BodyCase)
        {
            case VoiceDown.BodyOneofCase.Begin when talks.Count < MostTalks:
                Begin(new ActiveTalk(word.Begin, null, "", time));
                break;
            case VoiceDown.BodyOneofCase.Frame when talks.TryGetValue(word.Frame.TalkId, out var talk) && talk.Speaker is null && talk.Takes(word.Frame):
                Pass(talk, word);
                break;
            case VoiceDown.BodyOneofCase.Over when talks.TryGetValue(word.Over.TalkId, out var talk):
                // Also of one that is spoken here, where somebody with more right took the floor at the other gateway.
                Forget(talk, word.Over.Code);
                break;
            default:
                break;
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Look, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                foreach (var talk in talks.Values)
                    await LookAtAsync(talk);
            }
        }
        catch (OperationCanceledException)
        {
            // The centre stops; floors run out by themselves.
        }
    }

    private async Task LookAtAsync(ActiveTalk talk)
    {
        if (talk.Speaker is null)
        {
            if (talk.IsSilent)
                Forget(talk, "lost");
        }
        else if (talk.IsTooLong || talk.IsSilent)
        {
            await EndAsync(talk, talk.IsTooLong ? "too_long" : "lost");
        }
        else if (talk.IsRenewalDue() && !await HoldsAsync(talk))
        {
            Forget(talk, "taken_over");
        }
    }

    private async Task<bool> HoldsAsync(ActiveTalk talk)
    {
        try
        {
            var until = (time.GetUtcNow() + VoiceRules.Silence).ToUnixTimeMilliseconds();
            return await commits.CommitAsync(transaction => VoiceFloors.Renew(transaction, talk.Talk.Channel, talk.Talk.TalkId.ToByteArray(), until));
        }
        catch (Exception e) when (e is DbException or ChannelClosedException)
        {
            // Words go on while the database is away; the next look asks again.
            return true;
        }
    }

    /// <summary>A car may speak to its own district and to any car of it; a person to the districts and cars that they see.</summary>
    private string? ChannelFor(VoiceMember member, string asked)
    {
        var own = member.IsCar ? units.Find(member.UnitId)?.District ?? "" : member.District;
        if (VoiceRules.UnitOf(asked) is { } unitId)
        {
            var known = units.Find(unitId);
            var allowed = known is { RevokedAt: null } && (member.IsCar ? unitId == member.UnitId || known.District == own : visibility.MaySee(member.District, unitId));
            return allowed ? asked : null;
        }
        return VoiceRules.DistrictOf(asked, own) is { } district && (district == own || (!member.IsCar && member.District.Length == 0))
            && units.All.Any(unit => unit.District == district) ? VoiceRules.OfDistrict(district) : null;
    }

    private string Refusal(VoiceMember member, string channel, VoiceAsk ask)
    {
        if (ask.Emergency && (!member.IsCar || channel != VoiceRules.OfUnit(member.UnitId)))
            return "not_allowed";
        if (VoiceRules.UnitOf(channel) is { } unitId && unitId != member.UnitId && !sessions.IsOnline(unitId))
            return "nobody_there";
        // Who calls for help is never one too many: what else this car says ends, also what a page said that is no longer there.
        return !ask.Emergency && (talks.Count >= MostTalks || talks.Values.Any(talk => talk.Speaker == member)) ? "too_many" : "";
    }

    private async Task<(string Code, VoiceTalk? BusyWith)> TakeAsync(VoiceMember member, VoiceAsk ask, string channel)
    {
        var now = time.GetUtcNow();
        var (nowMs, untilMs) = (now.ToUnixTimeMilliseconds(), (now + VoiceRules.Silence).ToUnixTimeMilliseconds());
        var priority = ask.Emergency ? OfEmergency : member.IsCar ? OfCar : OfCentre;
        var account = member.IsCar ? ask.OfficerId : member.Account;
        VoiceFloor? before;
        bool taken;
        try
        {
            (before, taken) = await commits.CommitAsync(transaction =>
            {
                var held = VoiceFloors.Held(transaction, channel, nowMs);
                var mine = VoiceFloors.Take(transaction, channel, ask.TalkId.ToByteArray(), priority, member.UnitId, nowMs, untilMs);
                if (mine)
                    AuditTable.Add(transaction, new AuditRow(account, "voice_began", $"{channel} {Uuid7.ToGuid(ask.TalkId.Span)}", member.UnitId), nowMs);
                return (held, mine);
            });
        }
        catch (Exception e) when (e is DbException or ChannelClosedException)
        {
            return ("storage", null);
        }
        if (!taken)
        {
            var busy = before is null ? null : talks.GetValueOrDefault(ByteString.CopyFrom(before.TalkId))?.Talk
                ?? new VoiceTalk { TalkId = ByteString.CopyFrom(before.TalkId), Channel = channel, UnitId = before.UnitId, BeganAtUnixMs = before.BeganAt };
            return ("busy", busy);
        }
        if (before is not null && talks.TryGetValue(ByteString.CopyFrom(before.TalkId), out var former))
            await EndAsync(former, "taken_over");
        var talk = new VoiceTalk
        {
            TalkId = ask.TalkId,
            Channel = channel,
            UnitId = member.UnitId,
            Speaker = member.IsCar ? ask.Speaker : member.Account,
            Emergency = ask.Emergency,
            BeganAtUnixMs = nowMs,
        };
        Begin(new ActiveTalk(talk, member, account, time));
        Said?.Invoke(new VoiceDown { Begin = talk });
        return ("", null);
    }

    private void Begin(ActiveTalk talk)
    {
        lock (gate)
        {
            talk.Listeners = [.. members.Keys.Where(member => member != talk.Speaker && Hears(member, talk.Talk))];
            talks[talk.Talk.TalkId] = talk;
        }
        foreach (var listener in talk.Listeners)
            listener.Queue.Tell(new VoiceDown { Begin = talk.Talk });
    }

    private void Pass(ActiveTalk talk, VoiceDown word)
    {
        foreach (var listener in talk.Listeners)
            listener.Queue.Tell(word);
        if (talk.Speaker is not null)
            Said?.Invoke(word);
    }

    private async Task EndAsync(ActiveTalk talk, string code)
    {
        if (!Forget(talk, code))
            return;
        try
        {
            _ = await commits.CommitAsync(transaction =>
            {
                var subject = $"{talk.Talk.Channel} {Uuid7.ToGuid(talk.Talk.TalkId.Span)}";
                AuditTable.Add(transaction, new AuditRow(talk.Account, "voice_ended", subject, $"{talk.Lasted.TotalSeconds:0} s {code}".TrimEnd()), time.GetUtcNow().ToUnixTimeMilliseconds());
                return VoiceFloors.Free(transaction, talk.Talk.Channel, talk.Talk.TalkId.ToByteArray());
            });
        }
        catch (Exception e) when (e is DbException or ChannelClosedException)
        {
            // Its beginning stands in the audit; the floor runs out by itself.
        }
    }

    private bool Forget(ActiveTalk talk, string code)
    {
        if (!talks.TryRemove(new KeyValuePair<ByteString, ActiveTalk>(talk.Talk.TalkId, talk)))
            return false;
        var over = new VoiceDown { Over = new VoiceOver { TalkId = talk.Talk.TalkId, Code = code } };
        foreach (var listener in talk.Listeners)
            listener.Queue.Tell(over);
        if (talk.Speaker is { } speaker)
        {
            if (code.Length > 0)
                speaker.Queue.Tell(over);
            Said?.Invoke(over);
        }
        return true;
    }

    private bool Hears(VoiceMember member, VoiceTalk talk) => member.Hears(talk, visibility, unitId => units.Find(unitId)?.District ?? "");
}
