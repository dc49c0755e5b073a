using EdgeAgent.CommandCentre.Emergencies;
using EdgeAgent.CommandCentre.FieldRecords;
using EdgeAgent.CommandCentre.Hazards;
using EdgeAgent.CommandCentre.ConsoleApi.Admin;
using EdgeAgent.CommandCentre.Hosting;
using EdgeAgent.CommandCentre.Identity;
using EdgeAgent.CommandCentre.Instructions;
using EdgeAgent.CommandCentre.Lists;
using EdgeAgent.CommandCentre.Sessions;
using EdgeAgent.CommandCentre.Shifts;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.CommandCentre.Voice;
using EdgeAgent.Contract;
using Google.Protobuf;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.FileProviders;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.ConsoleApi;

/// <summary>What the console page asks and says, and the page itself.</summary>
internal static class ConsoleEndpoints
{
    private const int MostBodyBytes = 64 << 10;

    public static void AddConsole(this IServiceCollection services, DataFolder folder, CentreOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton<ConsoleFeed>();
        services.AddSingleton<UnitViews>();
        services.AddSingleton<ConsoleStream>();
        services.AddSingleton<LiveEndpoints>();
        services.AddSingleton<VoiceEndpoint>();
        services.AddSingleton<PtzEndpoints>();
        services.AddSingleton<MomentEndpoints>();
        services.AddSingleton<ExhibitViews>();
        services.AddSingleton<ExhibitEndpoints>();
        services.AddSingleton<RedactionEndpoints>();
        services.AddSingleton<ExportEndpoints>();
        services.AddSingleton<IConsoleTopic, LiveTopic>();
        services.AddSingleton<ClipEndpoints>();
        services.AddSingleton<ReadingLimit>();
        services.AddSingleton<EntryReading>();
        services.AddSingleton<EntryEndpoints>();
        services.AddSingleton<ConsoleViews>();
        services.AddSingleton<Visibility>();
        services.AddSingleton<ConsoleClock>();
        services.AddSingleton<IConsoleTopic, ListsTopic>();
        services.AddSingleton<IConsoleTopic, AlarmsTopic>();
        AddDesks(services);
        services.AddAdministration();
        services.AddSingleton<CallCommits>();
        services.AddSingleton<CallVoices>();
        services.AddSingleton<CallReading>();
        services.AddSingleton<CallEndpoints>();
        services.AddSingleton<IConsoleTopic, CallsTopic>();
        ConsoleAccess.Configure(services, folder, options);
        services.AddFieldPages();
    }

    /// <summary>What people at consoles work on; each shows its topic to those who may see it.</summary>
    private static void AddDesks(IServiceCollection services)
    {
        services.AddSingleton<SosTable>();
        services.AddSingleton<HazardTable>();
        services.AddSingleton<HazardPictures>();
        services.AddSingleton<InstructionTable>();
        services.AddSingleton<FieldRecordTable>();
        services.AddSingleton<PatrolNoteTable>();
        AddTopic<SosDesk>(services);
        AddTopic<HazardDesk>(services);
        AddTopic<InstructionDesk>(services);
        AddTopic<FieldRecordDesk>(services);
        services.AddSingleton<EventLedger>();
        services.AddSingleton<ShiftTable>();
        services.AddSingleton<ShiftDesk>();
        services.AddSingleton<IShiftSection, SosSection>();
        services.AddSingleton<IShiftSection, CallSection>();
        services.AddSingleton<IShiftSection, HazardSection>();
        services.AddSingleton<IShiftSection, AlertSection>();
        services.AddSingleton<IShiftSection, InstructionSection>();
        services.AddSingleton<IShiftSection, CarSection>();
    }

    private static void AddTopic<T>(IServiceCollection services)
        where T : class, IConsoleTopic
    {
        services.AddSingleton<T>();
        services.AddSingleton<IConsoleTopic>(provider => provider.GetRequiredService<T>());
    }

    public static void UseConsole(this WebApplication app, CentreOptions options)
    {
        app.UseWhen(context => !CarEndpoint.IsOf(context), console =>
        {
            console.UseWebSockets(new WebSocketOptions { KeepAliveInterval = TimeSpan.FromSeconds(15) });
            console.UseMiddleware<SameOrigin>();
            console.Use(LimitBody);
        });
        UsePage(app, options);
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseRateLimiter();
        MapSessions(app);
        var signedIn = app.MapGroup("/api").NeedsByDefault(Permission.Operate);
        signedIn.MapGet("/me", (HttpContext context) => Me.Of(context)).Needs(Permission.Own);
        signedIn.MapGet("/stream", (HttpContext context, ConsoleStream stream) => stream.RunAsync(context)).Needs(Permission.Own);
        signedIn.MapGet("/units", (HttpContext context, UnitViews units) => units.Now(Visibility.DistrictOf(context))).Needs(Permission.Operate);
        signedIn.MapGet("/lists", (ListTable lists, RegisterTable registers) => ListView.All(lists, registers)).Needs(Permission.ReadLists);
        signedIn.MapGet("/incidents/{eventId:guid}/{which}.jpg", PictureAsync).Needs(Permission.ReadIncidents);
        signedIn.MapGet("/incidents/{eventId:guid}/clip", (Guid eventId, HttpContext context, ClipEndpoints clips) => clips.Tell(eventId, context)).Needs(Permission.ReadIncidents);
        signedIn.MapGet("/incidents/{eventId:guid}/clip.mp4", (Guid eventId, HttpContext context, ClipEndpoints clips) => clips.PlayAsync(eventId, context)).Needs(Permission.ReadIncidents);
        app.Services.GetRequiredService<EntryEndpoints>().Map(signedIn);
        app.Services.GetRequiredService<SosDesk>().Map(signedIn);
        app.Services.GetRequiredService<HazardDesk>().Map(signedIn);
        app.Services.GetRequiredService<InstructionDesk>().Map(signedIn);
        app.Services.GetRequiredService<FieldRecordDesk>().Map(signedIn);
        app.Services.GetRequiredService<ShiftDesk>().Map(signedIn);
        app.Services.GetRequiredService<OwnAccount>().Map(signedIn);
        app.Services.MapAdministration(signedIn);
        app.Services.GetRequiredService<CallEndpoints>().Map(signedIn);
        app.Services.MapFieldPages(signedIn);
        app.Services.GetRequiredService<LiveEndpoints>().Map(signedIn);
        app.Services.GetRequiredService<VoiceEndpoint>().Map(signedIn);
        app.Services.GetRequiredService<PtzEndpoints>().Map(signedIn);
        app.Services.GetRequiredService<MomentEndpoints>().Map(signedIn);
        app.Services.GetRequiredService<ExhibitEndpoints>().Map(signedIn);
        app.Services.GetRequiredService<RedactionEndpoints>().Map(signedIn);
        app.Services.GetRequiredService<ExportEndpoints>().Map(signedIn);
    }

    private static Task LimitBody(HttpContext context, RequestDelegate next)
    {
        // Where an endpoint names a bound of its own, routing has set it already.
        if (context.GetEndpoint()?.Metadata.GetMetadata<IRequestSizeLimitMetadata>() is null
            && context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = SameOrigin.IsRecording(context.Request) ? Calls.CallRecordings.MostBytes : MostBodyBytes;
        return next(context);
    }

    private static void MapSessions(WebApplication app)
    {
        app.MapPost("/api/session", (SignInBody body, HttpContext context, SignInDesk desk) => desk.SignInAsync(body, context));
        CitySignIn.Map(app);
        app.MapDelete("/api/session", (HttpContext context, SignInDesk desk) => desk.SignOutAsync(context));
    }

    private static void UsePage(WebApplication app, CentreOptions options)
    {
        var folder = WebRoot.Find(options.WebRoot);
        if (File.Exists(Path.Combine(folder, "index.html")))
        {
            var files = new PhysicalFileProvider(folder);
            app.UseDefaultFiles(new DefaultFilesOptions { FileProvider = files });
            app.UseStaticFiles(new StaticFileOptions { FileProvider = files });
            return;
        }
        CentreLog.PageMissing(app.Services.GetRequiredService<ILogger<CentreServer>>(), folder);
        const string Missing = "The console page is not built. Run ./dev build, or name its folder with --web-root.\n";
        app.MapGet("/", () => Results.Text(Missing, "text/plain; charset=utf-8", statusCode: StatusCodes.Status503ServiceUnavailable));
    }

    private static async Task<IResult> PictureAsync(Guid eventId, string which, HttpContext context, EventTable events, ConsoleAccess access)
    {
        if (which is not ("seen" or "listed") || events.Find(eventId) is not { Event.BodyCase: Event.BodyOneofCase.AlertDecided } stored
            || !access.MaySee(context, stored.UnitId))
            return Results.NotFound();
        var alert = Alert.Parser.ParseFrom(stored.Event.AlertDecided.Alert);
        var jpeg = which == "seen" ? alert.SeenJpeg : alert.ListedJpeg;
        if (jpeg.Length < 2 || jpeg[0] != 0xFF || jpeg[1] != 0xD8)
            return Results.NotFound();
        await access.AuditAsync(new AuditRow(context.Account(), "picture_read", $"{eventId}/{which}", "console"));
        return Results.Bytes(jpeg.ToByteArray(), "image/jpeg");
    }
}
