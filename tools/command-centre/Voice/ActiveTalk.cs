using System.Collections.Immutable;
using EdgeAgent.Contract;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Voice;

/// <summary>A talk that goes on: here, or (no speaker) at another gateway.</summary>
internal sealed class ActiveTalk(VoiceTalk talk, VoiceMember? speaker, string account, TimeProvider time)
{
    private readonly long began = time.GetTimestamp();
    private long heardAt = time.GetTimestamp();
    private long secondAt = time.GetTimestamp();
    private long renewedAt = time.GetTimestamp();
    private int inSecond;
    private uint newest;

    public VoiceTalk Talk { get; } = talk;

    public VoiceMember? Speaker { get; } = speaker;

    /// <summary>As it stands in the audit: an account, or an officer's id.</summary>
    public string Account { get; } = account;

    public ImmutableArray<VoiceMember> Listeners { get; set; } = [];

    public TimeSpan Lasted => time.GetElapsedTime(began);

    public bool IsSilent => time.GetElapsedTime(Volatile.Read(ref heardAt)) > VoiceRules.Silence;

    public bool IsTooLong => Lasted > (Talk.Emergency ? VoiceRules.LongestEmergency : VoiceRules.Longest);

    /// <summary>Several times within the time that a floor lasts, and no more: each is a sync of the centre's disk. True once a time.</summary>
    public bool IsRenewalDue()
    {
        if (time.GetElapsedTime(renewedAt) < VoiceRules.Silence / 3)
            return false;
        renewedAt = time.GetTimestamp();
        return true;
    }

    /// <summary>False: out of order, or more than anybody can say.</summary>
    public bool Takes(VoiceFrame frame)
    {
        if (frame.Sequence <= newest)
            return false;
        newest = frame.Sequence;
        if (time.GetElapsedTime(secondAt) >= TimeSpan.FromSeconds(1))
            (secondAt, inSecond) = (time.GetTimestamp(), 0);
        if (++inSecond > VoiceRules.MostFramesPerSecond)
            return false;
        Volatile.Write(ref heardAt, time.GetTimestamp());
        return true;
    }
}
