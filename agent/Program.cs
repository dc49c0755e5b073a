using EdgeAgent.Agent.Alerts;
using EdgeAgent.Agent.Assist;
using EdgeAgent.Agent.Audit;
using EdgeAgent.Agent.Box;
using EdgeAgent.Agent.Calls;
using EdgeAgent.Agent.Dispatches;
using EdgeAgent.Agent.Emergencies;
using EdgeAgent.Agent.Hazards;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Agent.Live;
using EdgeAgent.Agent.LookUps;
using EdgeAgent.Agent.Officers;
using EdgeAgent.Agent.Patrolling;
using EdgeAgent.Agent.Positions;
using EdgeAgent.Agent.Privacy;
using EdgeAgent.Agent.Records;
using EdgeAgent.Agent.Releases;
using EdgeAgent.Agent.Rescue;
using EdgeAgent.Agent.Retention;
using EdgeAgent.Agent.Scenes;
using EdgeAgent.Agent.Terminal;
using EdgeAgent.Agent.Voice;
using EdgeAgent.Agent.Watchlists;

namespace EdgeAgent.Agent;

/// <summary>The whole car on one screen.</summary>
internal static class Program
{
    public static Task<int> Main(string[] args) => CommandLine.RunAsync(args);

    /// <summary>Everything that the host is made of; each folder adds itself.</summary>
    public static WebApplication Build(CarOptions options, TimeProvider time, BootClock boot)
    {
        SafeFile.CreateFolder(options.DataDirectory);
        SettingsAtStart start = CentreSettings.Over(options);
        options = start.Options;
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = [] });
        _ = builder.WebHost.UseUrls(options.Terminal.Url);
        _ = builder.Logging.AddHostLogging();
        _ = builder.Services
            .AddSingleton(start).AddSingleton<CentreSettings>()
            .AddHosting(options, time, boot)   // identity, vault, trusted clock, store, stages, the process that looks
            .AddAudit()                        // hash chain, ledger, witness at the centre
            .AddRescue()                       // the centre's order that this unit be none any more
            .AddBox()                          // the vehicle's power, modem, heat, disk; switches itself off; what the centre hears of it
            .AddOfficers()                     // roster, PIN, who is on duty
            .AddWatchlists()                   // signed lists: fetched, verified, stored sealed, ended on time
            .AddAlerts()                       // visit → hit → alert → decision
            .AddPositions()                    // where the car is
            .AddScenes()                       // crowd and traffic as numbers
            .AddPrivacy()                      // places in which less is shown, matched or looked at
            .AddLive()                         // previews, live views, leases, PTZ
            .AddReleases()                     // software that the centre offers: fetched, put into its slot
            .AddRetention()                    // the region's clocks, and what goes by them
            .AddAssist()                       // somebody ill, drunk or lost: their face, looked for among the missing
            .AddLookUps()                      // what the centre knows of a plate or document, asked for a purpose
            .AddPatrolling()                   // the plan of the centre, and how far this car is with it
            .AddRecords()                      // simple case records, requests from the car's window
            .AddHazards()                      // hazards that officers report, followed until they are gone
            .AddDispatches()                   // link to the centre, commands, calls
            .AddCalls()                        // what the terminal does about calls: callers' recordings, arrival, pictures
            .AddSos()                          // an officer needs help: the page's button, and one in the car
            .AddVoice();                       // push to talk, with the centre and between cars
        _ = builder.AddTerminal();             // the officer's page
        WebApplication app = builder.Build();
        app.MapTerminal();
        return app;
    }
}
