using System.Collections.Concurrent;
using EdgeAgent.Agent.Audit;
using EdgeAgent.Agent.Calls;
using EdgeAgent.Agent.Dispatches;
using EdgeAgent.Agent.Officers;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Terminal;

/// <summary>/api/calls: steps, callers' recordings, pictures and video; /api/speech: a sentence spoken where the browser has no voice.</summary>
internal static class CallApi
{
    private const int MostHeard = 256;

    internal sealed record StepBody(string? Act, string? Text, string? ToUnitId);

    internal sealed record PictureBody(string? CameraId, string? Text);

    internal sealed record SpeechBody(string? Text, string? Language);

    public static void MapCalls(this WebApplication app)
    {
        RouteGroupBuilder calls = app.MapGroup("/api/calls/{id}").AddEndpointFilter(TerminalApi.SignedIn);
        _ = calls.MapPost("/steps", (string id, StepBody body, HttpContext http, CallBook book) =>
        {
            CallAct act = Enum.GetValues<CallAct>().FirstOrDefault(a => Words.Of(a) == body.Act);
            return Answer(IdOf(id) is { } callId ? book.Step(callId, act, body.Text ?? "", TerminalApi.OfficerOf(http), body.ToUnitId ?? "").Code : "unknown_call");
        });
        _ = calls.MapPost("/pictures", async (string id, PictureBody body, HttpContext http, CallPictures pictures) =>
            Answer(IdOf(id) is { } callId
                ? await pictures.TakeAsync(callId, body.CameraId ?? "", body.Text ?? "", TerminalApi.OfficerOf(http), http.RequestAborted)
                : "unknown_call"));
        _ = calls.MapPost("/clips", (string id, PictureBody body, HttpContext http, CallPictures pictures) =>
            Answer(IdOf(id) is { } callId ? pictures.KeepLastMinute(callId, body.CameraId ?? "", body.Text ?? "", TerminalApi.OfficerOf(http)) : "unknown_call"));
        var heard = new HeardOnce();
        _ = calls.MapGet("/recording", (string id, HttpContext http, CallBook book, RecordingBook recordings, Ledger ledger) =>
        {
            if (IdOf(id) is not { } callId || book.Find(callId) is not { } call)
                return TerminalApi.Refused(404, "unknown_call");
            if (recordings.Open(call) is not { } recording)
                return TerminalApi.Refused(404, "no_recording");
            DutySession officer = TerminalApi.OfficerOf(http);
            // A player asks for ranges of it again and again: that somebody heard it is one fact a session.
            if (heard.IsFirst(officer.SessionId, id))
                ledger.Note(new AuditDraft(AuditKind.RecordingHeard, officer.OfficerId, officer.SessionId, id, "call"));
            return Results.Stream(recording.Content, recording.MediaType, enableRangeProcessing: true);
        });
        CancellationToken stopping = app.Lifetime.ApplicationStopping;
        _ = app.MapPost("/api/speech", async (SpeechBody body, Speaker speaker) =>
        {
            (string code, byte[] wav) = await speaker.SayAsync(body.Text ?? "", body.Language ?? "", stopping);
            return code switch
            {
                "" => Results.Bytes(wav, "audio/wav"),
                "bad_text" => TerminalApi.Refused(400, code),
                "busy" => TerminalApi.Refused(429, code),
                _ => TerminalApi.Refused(503, code),
            };
        }).AddEndpointFilter(TerminalApi.SignedIn);
    }

    private static IResult Answer(string problem) => problem switch
    {
        "" => Results.NoContent(),
        "unknown_call" or "unknown_camera" => TerminalApi.Refused(404, problem),
        "not_now" or "not_yours" or "privacy_place" or "camera_not_leased" or "too_many_clips" => TerminalApi.Refused(409, problem),
        "no_picture" => TerminalApi.Refused(503, problem),
        _ => TerminalApi.Refused(400, problem),
    };

    private static ByteString? IdOf(string id) =>
        id.Length == 32 && id.All(char.IsAsciiHexDigit) ? ByteString.CopyFrom(Convert.FromHexString(id)) : null;

    /// <summary>Which recordings were heard in which session; the oldest are forgotten, and told again at the worst.</summary>
    private sealed class HeardOnce
    {
        private readonly ConcurrentQueue<string> order = new();
        private readonly ConcurrentDictionary<string, bool> known = new();

        public bool IsFirst(string sessionId, string callId)
        {
            string name = $"{sessionId} {callId.ToLowerInvariant()}";
            if (!known.TryAdd(name, true))
                return false;
            order.Enqueue(name);
            if (order.Count > MostHeard && order.TryDequeue(out string? oldest))
                _ = known.TryRemove(oldest, out _);
            return true;
        }
    }
}
