using System.Data.Common;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dapper;
using EdgeAgent.CommandCentre.Lists;
using EdgeAgent.CommandCentre.Sessions;
using EdgeAgent.CommandCentre.Storage;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Exports;

/// <summary>How far each platform has been told. An alert is told before the mark moves, so after a cut it may be told twice, under one id.</summary>
internal static class ExportMarks
{
    public const string Schema = """
        CREATE TABLE export_marks (
            target TEXT PRIMARY KEY,
            seq INTEGER NOT NULL) STRICT;
        """;

    /// <summary>A platform that is new begins with what comes from now on.</summary>
    public static long Begin(DbTransaction transaction, string target)
    {
        transaction.Connection!.Execute(
            "INSERT INTO export_marks (target, seq) SELECT @target, coalesce(max(seq), 0) FROM events WHERE 1 = 1 ON CONFLICT (target) DO NOTHING", new { target }, transaction);
        return transaction.Connection!.ExecuteScalar<long>("SELECT seq FROM export_marks WHERE target = @target", new { target }, transaction);
    }

    public static void Move(DbTransaction transaction, string target, long seq) =>
        transaction.Connection!.Execute("UPDATE export_marks SET seq = @seq WHERE target = @target", new { target, seq }, transaction);
}

/// <summary>
/// Confirmed alerts of the categories that the file names, in the manner of GA/T 1400.4 (视图库 REST): register with digest, then
/// POST /VIID/DispositionNotifications. Only what an officer confirmed and the unit signed; a plate and a place, never a face.
/// </summary>
internal sealed class ViidExport(ViidOptions options, EventTable events, CommitQueue commits, TimeProvider time, ILogger<ViidExport> log) : BackgroundService
{
    private const string Target = "viid", MediaType = "application/VIID+JSON";
    private const int AtOnce = 20, MostAnswer = 64 << 10;
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1), MostPause = TimeSpan.FromMinutes(2), AnswerWithin = TimeSpan.FromSeconds(15);
    private bool registered;
    private long announced = -1;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var handler = new SocketsHttpHandler { Credentials = Credential(), AllowAutoRedirect = false };
        using var http = new HttpClient(handler) { BaseAddress = options.Platform, Timeout = AnswerWithin, MaxResponseContentBufferSize = MostAnswer };
        http.DefaultRequestHeaders.Add("User-Identify", options.DeviceId);
        var mark = await commits.CommitAsync(transaction => ExportMarks.Begin(transaction, Target), stoppingToken);
        var pause = Period;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                mark = await TellAsync(http, mark, stoppingToken);
                pause = Period;
            }
            catch (Exception e) when (e is HttpRequestException or JsonException or InvalidOperationException || (e is OperationCanceledException && !stoppingToken.IsCancellationRequested))
            {
                ExportLog.Unreachable(log, Target, e.Message);
                (registered, pause) = (false, pause * 2 > MostPause ? MostPause : pause * 2);
            }
            await Task.Delay(pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<long> TellAsync(HttpClient http, long mark, CancellationToken stop)
    {
        foreach (var (seq, stored) in events.After("alert_decided", mark, AtOnce))
        {
            if (stored is not null && Notification(stored) is { } notification)
            {
                if (!registered)
                    await RegisterAsync(http, stop);
                await AnnounceAsync(stored.Id, seq);
                var why = await PostAsync(http, "/VIID/DispositionNotifications", notification, stop);
                await NoteAsync(stored.Id, seq, why);
            }
            else
            {
                _ = await commits.CommitAsync(transaction =>
                {
                    ExportMarks.Move(transaction, Target, seq);
                    return 0;
                }, CancellationToken.None);
            }
            mark = seq;
        }
        return mark;
    }

    /// <summary>In the audit before anything leaves; once, however often the platform has to be asked.</summary>
    private async Task AnnounceAsync(Guid id, long seq)
    {
        if (announced == seq)
            return;
        _ = await commits.CommitAsync(transaction =>
        {
            Audit(transaction, "alert_exported", id);
            return 0;
        });
        announced = seq;
    }

    /// <summary>A refusal is written down and not asked again: it would be the same.</summary>
    private async Task NoteAsync(Guid id, long seq, string why)
    {
        if (why.Length > 0)
            ExportLog.Refused(log, Target, why);
        _ = await commits.CommitAsync(transaction =>
        {
            if (why.Length > 0)
                Audit(transaction, "alert_export_refused", id);
            ExportMarks.Move(transaction, Target, seq);
            return 0;
        });
    }

    private void Audit(DbTransaction transaction, string act, Guid id) => AuditTable.Add(
        transaction, new AuditRow("centre", act, $"{Target} {id}", $"{options.Authority} {options.LegalReference}"), time.GetUtcNow().ToUnixTimeMilliseconds());

    private async Task RegisterAsync(HttpClient http, CancellationToken stop)
    {
        var why = await PostAsync(http, "/VIID/System/Register", new JsonObject { ["RegisterObject"] = new JsonObject { ["DeviceID"] = options.DeviceId } }, stop);
        registered = why.Length == 0 ? true : throw new HttpRequestException($"it does not let us register: {why}");
    }

    /// <returns>"" when the platform took it; else why not. Whatever may pass (5xx, no answer) throws.</returns>
    private static async Task<string> PostAsync(HttpClient http, string path, JsonObject body, CancellationToken stop)
    {
        using var content = new StringContent(body.ToJsonString(), Encoding.UTF8);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse($"{MediaType};charset=UTF-8");
        using var answer = await http.PostAsync(new Uri(path, UriKind.Relative), content, stop);
        if (answer.StatusCode >= HttpStatusCode.InternalServerError || answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.TooManyRequests)
            throw new HttpRequestException($"it answered {(int)answer.StatusCode}");
        if (!answer.IsSuccessStatusCode)
            return $"{(int)answer.StatusCode}";
        var text = await answer.Content.ReadAsStringAsync(stop);
        var status = JsonNode.Parse(text) is { } json
            ? json["ResponseStatusObject"] ?? json["ResponseStatusListObject"]?["ResponseStatusObject"]?[0]
            : null;
        return (int?)status?["StatusCode"] is 0 or null ? "" : $"{(string?)status["StatusString"] ?? "status"} {(int)status["StatusCode"]!}";
    }

    /// <summary>Null: not for this platform.</summary>
    private JsonObject? Notification(StoredEvent stored)
    {
        var decided = stored.Event.AlertDecided;
        var (decision, alert) = (Decision.Parser.ParseFrom(decided.Decision.Payload), Alert.Parser.ParseFrom(decided.Alert));
        if (stored.SignatureValid != true || decision.Verdict != Verdict.Confirmed || alert.Kind != ListKind.Plates || !options.Categories.Contains(ListWords.Word(alert.Category)))
            return null;
        var at = Beijing(alert.SeenAtUnixMs);
        var placed = alert.Position is { } position && Fleet.HasFix(position);
        var vehicle = new JsonObject
        {
            ["MotorVehicleID"] = NumberOf(stored.Id, "02"),
            ["InfoKind"] = 1,
            ["DeviceID"] = options.DeviceId,
            ["PassTime"] = at,
            ["HasPlate"] = true,
            ["PlateNo"] = alert.ListedText,
            ["Longitude"] = placed ? Math.Round(alert.Position!.LongitudeDegrees, 6) : null,
            ["Latitude"] = placed ? Math.Round(alert.Position!.LatitudeDegrees, 6) : null,
        };
        var notification = new JsonObject
        {
            ["NotificationID"] = NumberOf(stored.Id, "09"),
            ["DispositionID"] = $"{alert.ListId}/{alert.ListVersion}/{alert.EntryId}",
            ["Title"] = alert.ListTitleZh,
            ["TriggerTime"] = at,
            ["CntObjectID"] = NumberOf(stored.Id, "02"),
            ["MotorVehicleObject"] = vehicle,
        };
        return new JsonObject { ["DispositionNotificationListObject"] = new JsonObject { ["DispositionNotificationObject"] = new JsonArray(notification) } };
    }

    /// <summary>33 digits: the device, the kind of object, and eleven that come of the event's id, so that telling twice is telling once.</summary>
    private string NumberOf(Guid id, string kind) =>
        options.DeviceId + kind + (BitConverter.ToUInt64(id.ToByteArray(bigEndian: true), 8) % 100_000_000_000).ToString("00000000000", CultureInfo.InvariantCulture);

    private static string Beijing(long unixMs) =>
        DateTimeOffset.FromUnixTimeMilliseconds(unixMs).ToOffset(TimeSpan.FromHours(8)).ToString("yyyyMMddHHmmss", CultureInfo.InvariantCulture);

    private CredentialCache Credential() => new()
    {
        { options.Platform!, "Digest", new NetworkCredential(options.User, File.ReadAllText(options.PasswordFile).Trim()) },
    };
}
