using EdgeAgent.Agent.Hosting;
using EdgeAgent.Agent.Officers;
using EdgeAgent.Agent.Patrolling;
using EdgeAgent.Agent.Retention;
using EdgeAgent.Agent.Terminal;
using EdgeAgent.Agent.Watchlists;
using EdgeAgent.DispatchClient.Identity;
using EdgeAgent.DispatchClient.Outbox;
using EdgeAgent.DispatchClient.Uplink;
using Patrol.Dispatch.V1;
using LinkOptions = EdgeAgent.DispatchClient.Uplink.LinkOptions;

namespace EdgeAgent.Agent.Dispatches;

internal static class DispatchServices
{
    /// <summary>The link to the centre, its commands, and the calls that they bring.</summary>
    public static IServiceCollection AddDispatches(this IServiceCollection services) => services
        .AddSingleton<CallLog>().AddSingleton<CallBook>().AddSingleton<InstructionBook>().AddSingleton<CommandActs>().AddSingleton<CommandDesk>()
        .AddSingleton(OpenLink)
        .AddSingleton<LinkStage>()
        .AddStage<LinkStage>(
            new("link", StopPhase.Link, Criticality.Essential) { ExpectedRateHz = 2, StopDeadline = TimeSpan.FromSeconds(6) },
            (s, pulse, stop) => s.RunAsync(pulse, stop));

    private static CentreLink OpenLink(IServiceProvider services)
    {
        CarOptions options = services.GetRequiredService<CarOptions>();
        TrustedClock clock = services.GetRequiredService<TrustedClock>();
        var link = new LinkOptions
        {
            Centre = new Uri(options.Centre),
            AlsoAt = [.. options.CentreAlsoAt.Select(other => new Uri(other))],
            Clock = () => new TrustedNow(DateTimeOffset.FromUnixTimeMilliseconds(clock.EarliestUnixMs), MayBeBehind: !clock.CentreToldThisBoot),
        };
        return new CentreLink(
            link, services.GetRequiredService<UnitIdentity>(), services.GetRequiredService<OutboxStore>(),
            // Looked up when the first command comes: those who act on commands need the link themselves.
            (command, stop) => services.GetRequiredService<CommandDesk>().HandleAsync(command, stop),
            () => Describe(services), services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILoggerFactory>());
    }

    private static Hello Describe(IServiceProvider services)
    {
        var hello = new Hello
        {
            SoftwareVersion = CarFacts.SoftwareVersion,
            RosterVersion = services.GetRequiredService<OfficerDesk>().Roster.Version,
            ConfigurationVersion = services.GetRequiredService<CentreSettings>().Version,
            RetentionVersion = services.GetRequiredService<PolicyBook>().Current.Version,
            PatrolVersion = services.GetRequiredService<PatrolBook>().Current.Version,
        };
        hello.Lists.AddRange(services.GetRequiredService<WatchlistLibrary>().Held());
        hello.CameraIds.AddRange(services.GetRequiredService<CarOptions>().Cameras.Where(c => !c.PreviewOnly).Select(c => c.Id));
        return hello;
    }
}
