using EdgeAgent.Agent.Box;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Agent.Officers.Face;

namespace EdgeAgent.Agent.Officers;

/// <summary>
/// Locks a screen that was left: not touched for a while and nobody before the cab camera, or the ignition is off. The camera is the
/// driver's; the other screen goes by its touches alone.
/// </summary>
internal sealed class AutoLock(SignInOptions options, OfficerDesk officers, CabCamera cab, BoxBook box, TimeProvider time)
{
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(1);

    private long seenAt = time.GetTimestamp();
    private bool wasOff;

    public async Task RunAsync(StagePulse pulse, CancellationToken stop)
    {
        void Counted(int faces, long monoMs)
        {
            if (faces > 0)
                Volatile.Write(ref seenAt, time.GetTimestamp());
        }
        cab.Counted += Counted;
        using var timer = new PeriodicTimer(Step, time);
        try
        {
            do
            {
                pulse.Beat();
                Tick();
            }
            while (await timer.WaitForNextTickAsync(stop));
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
        finally
        {
            cab.Counted -= Counted;
        }
    }

    public void Tick()
    {
        bool watches = options.WatchesCab && options.LockAfter > TimeSpan.Zero && cab.Id.Length > 0;
        cab.Count(watches && officers.Crew.Any(m => m.LockedAt is null && m.Session.Screen == DutyScreen.Driver));
        // On the edge only: an officer who signs in with the ignition off means to.
        bool off = box.Power.Ignition?.IsOn == false, wentOff = off && !wasOff;
        wasOff = off;
        foreach (CrewMember member in officers.Crew.Where(m => m.LockedAt is null))
        {
            if (wentOff)
                officers.LockScreen(member.Session.SessionId, "ignition_off");
            else if (IsLeft(member, watches))
                officers.LockScreen(member.Session.SessionId, "untouched");
        }
    }

    private bool IsLeft(CrewMember member, bool watches) =>
        options.LockAfter > TimeSpan.Zero && time.GetElapsedTime(member.TouchedAt) >= options.LockAfter
        && !(watches && member.Session.Screen == DutyScreen.Driver && time.GetElapsedTime(Volatile.Read(ref seenAt)) < options.LockAfter);
}
