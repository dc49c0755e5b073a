using System.CommandLine;
using EdgeAgent.Edgectl.Box;

namespace EdgeAgent.Edgectl;

internal static class ListsCommand
{
    public static Command Create()
    {
        var data = Cli.Data();
        var json = Cli.AsJson();
        var command = new Command(
            "lists",
            """
            Shows which lists the running agent holds, by whose authority and until when, and which it refused or ended and why. Never an
            entry, and not whom or what a list is about.

            Example: edgectl lists --data /var/lib/edge-agent
            JSON: {"unitId","lists":[{"listId","version","kind","category","authority","issuedAtUnixMs","validToUnixMs","entries",
            "state": loaded|refused|expired|revoked,"code","whyZh","whyEn"}]}; of a refused one the id and version alone may be known.
            Exit codes: 0 shown, 1 no agent runs over this folder, or it cannot be asked, 2 wrong command line.
            """)
        { data, json };
        command.Does(json, async (parsed, stop) =>
        {
            var agent = await RunningAgent.RequireAsync(parsed.GetValue(data)!, stop);
            if (parsed.GetValue(json))
                Cli.Print(new { agent.UnitId, agent.Lists });
            else
                Show(agent);
            return Cli.Done;
        });
        return command;
    }

    private static void Show(RunningAgent agent)
    {
        foreach (var list in agent.Lists)
        {
            var (issued, ends) = (Day(list.IssuedAtUnixMs), Day(list.ValidToUnixMs));
            Console.Out.WriteLine(
                $"{list.ListId} version {list.Version}: {list.State}"
                + (list.Authority.Length == 0 ? "" : $", {list.Category} {list.Kind}, {Cli.Counted(list.Entries, "entry", "entries")}, by {list.Authority}, issued {issued}, ends {ends}")
                + (list.State == "loaded" ? "" : $". {list.WhyEn}"));
        }
        Console.Out.WriteLine($"{Cli.Counted(agent.Lists.Count(l => l.State == "loaded"), "list")} in use by unit {agent.UnitId}.");
    }

    private static string Day(long unixMs) => unixMs == 0 ? "unknown" : $"{DateTimeOffset.FromUnixTimeMilliseconds(unixMs):yyyy-MM-dd HH:mm}Z";
}
