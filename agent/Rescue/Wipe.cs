using EdgeAgent.Agent.Hosting;
using EdgeAgent.DispatchClient.Identity;
using EdgeAgent.DispatchClient.Outbox;

namespace EdgeAgent.Agent.Rescue;

/// <param name="LostEvents">Events that the centre had not acknowledged.</param>
internal sealed record WipeReport(string UnitId, string DataDirectory, long LostEvents);

/// <summary>
/// Makes a box nobody's: the keys first, after which nothing that it kept opens, then the data, then its identity. Cut at any moment it
/// is begun again and goes on. The program in its slots stays: it is no secret.
/// </summary>
internal sealed class Wipe(CarOptions options, Action<string> progress)
{
    // Written first and removed last: whose box this was, once its identity is gone.
    private const string Marker = "wiping";

    /// <exception cref="RescueException">nothing_to_wipe, other_unit, agent_runs, unsent_events; nothing was destroyed.</exception>
    public WipeReport Run(string unitId, bool loseUnsent)
    {
        string data = options.DataDirectory, marker = Path.Combine(data, Marker);
        bool begun = IsBegun(data);
        string there = UnitHere();
        if (unitId != there)
            throw new RescueException("other_unit", $"This box is not unit '{unitId}': look at its label again. Nothing was destroyed.");
        if (OldDisk.IsAlive(data))
            throw new RescueException("agent_runs", "The agent runs: stop it first (systemctl disable --now edge-agent). Nothing was destroyed.");
        long unsent = begun ? 0 : Unsent(data);
        if (unsent > 0 && !loseUnsent)
            throw new RescueException("unsent_events", $"{unsent} events have not reached the centre: let the agent deliver them, or lose them with --lose-unsent. Nothing was destroyed.");
        SafeFile.Replace(marker, System.Text.Encoding.UTF8.GetBytes(there));
        Erasure.Keys(data);
        progress("the keys are destroyed: nothing that was kept here opens any more");
        Erasure.AllBut(data, Marker, "app", Path.GetFileName(options.IdentityDirectory));
        progress("the data is gone");
        ForgetIdentity();
        progress("the unit's identity is gone");
        SafeFile.Remove(marker);
        return new WipeReport(there, data, unsent);
    }

    /// <summary>Whether it was begun here and cut.</summary>
    public static bool IsBegun(string data) => File.Exists(Path.Combine(data, Marker));

    /// <summary>Whose box this is.</summary>
    /// <exception cref="RescueException">nothing_to_wipe.</exception>
    public string UnitHere()
    {
        if (IsBegun(options.DataDirectory))
            return File.ReadAllText(Path.Combine(options.DataDirectory, Marker));
        try
        {
            using UnitIdentity unit = UnitIdentity.Load(options.IdentityDirectory);
            return unit.UnitId;
        }
        catch (IdentityException error) when (error.Code == "no_identity")
        {
            throw new RescueException("nothing_to_wipe", $"{options.IdentityDirectory} holds no unit's identity: this box is nobody's already, or the configuration names another folder.");
        }
    }

    private static long Unsent(string data)
    {
        try
        {
            return OutboxReport.Read(data).Waiting;
        }
        catch (FileNotFoundException)
        {
            return 0;
        }
    }

    private void ForgetIdentity()
    {
        if (!Directory.Exists(options.IdentityDirectory))
            return;
        UnitIdentity.ForgetKey(options.IdentityDirectory);
        foreach (string file in Directory.EnumerateFiles(options.IdentityDirectory, "*", SearchOption.AllDirectories).ToList())
            Erasure.Overwrite(file);
        Directory.Delete(options.IdentityDirectory, recursive: true);
        SafeFile.SyncFolder(Path.GetDirectoryName(options.IdentityDirectory)!);
    }
}
