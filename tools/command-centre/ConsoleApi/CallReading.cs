using EdgeAgent.CommandCentre.Attachments;
using EdgeAgent.CommandCentre.Calls;
using EdgeAgent.CommandCentre.Storage;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.ConsoleApi;

/// <summary>What belongs to calls and is no act upon them: the cars that could go, what was, and callers' voices.</summary>
internal sealed class CallReading(CallDesk desk, CallTable calls, CallCandidates candidates, EvidenceTable evidence, EvidenceFiles files)
{
    public IResult Candidates(Guid callId, HttpContext context) =>
        calls.Find(callId) is { } call && desk.MaySee(call, Visibility.DistrictOf(context))
            ? Results.Json(candidates.Of(call, Visibility.DistrictOf(context)), ConsoleJson.Options)
            : Refusal.Of(404, "unknown_call");

    public async Task<IResult> HistoryAsync(HistoryBody body, HttpContext context, ConsoleAccess access)
    {
        var (number, unit) = (body.Number?.Trim() ?? "", body.Unit?.Trim() ?? "");
        if (number.Length > 20 || !number.All(c => char.IsAsciiDigit(c) || c == '-'))
            return Refusal.Of(400, "bad_number");
        if (unit.Length > 32)
            return Refusal.Of(400, "unknown_unit");
        var kind = CallKind.Unspecified;
        if (body.Kind is { Length: > 0 } word)
        {
            if (CallWords.Kind(word) is not { } meant)
                return Refusal.Of(400, "kind_required");
            kind = meant;
        }
        var search = new CallSearch(
            number, unit, kind, body.FromUnixMs ?? 0, body.ToUnixMs ?? long.MaxValue, body.BeforeUnixMs ?? long.MaxValue, body.BeforeNumber ?? "");
        await access.AuditAsync(new AuditRow(context.Account(), "calls_searched", $"{number} {unit} {body.Kind}".Trim(), "console"));
        var found = calls.History(search, Visibility.DistrictOf(context));
        return Results.Json(
            new { calls = found.Take(CallTable.HistoryPage).Select(call => CallRow.Of(call, loud: false)), more = found.Count > CallTable.HistoryPage }, ConsoleJson.Options);
    }

    public string StateOf(CallRecord call) =>
        call.Recording is not { } voice ? "none" : evidence.CompleteSize(voice.Sha256) is null ? "expired" : "here";

    /// <summary>First the audit row, then the sound; one row for each request, since each may be of another part.</summary>
    public async Task<IResult> PlayAsync(Guid callId, HttpContext context, ConsoleAccess access, Sealing sealing)
    {
        if (calls.Find(callId) is not { Recording: { } voice } call || !desk.MaySee(call, Visibility.DistrictOf(context))
            || evidence.CompleteSize(voice.Sha256) is not { } size)
            return Refusal.Of(404, "no_recording");
        await access.AuditAsync(new AuditRow(context.Account(), "call_recording_read", call.Number, "console"));
        context.Response.Headers.CacheControl = "no-store";
        return Results.Stream(new EvidenceStream(files.PathOf(voice.Sha256), sealing, size), voice.MediaType, enableRangeProcessing: true);
    }
}

/// <summary>A caller's voice comes in: looked at, sealed, and tied to its call in one transaction with the audit row.</summary>
internal sealed class CallVoices(CallRecordings recordings, CallDesk desk, CallTable calls, CallCommits commits, TimeProvider time)
{
    private const int MostAtOnce = 4;
    private int atOnce;

    public async Task<IResult> UploadAsync(Guid callId, HttpContext context)
    {
        if (!CallEndpoints.MayAct(context))
            return Refusal.Of(403, "not_allowed");
        if (calls.Find(callId) is not { } call || !desk.MaySee(call, Visibility.DistrictOf(context)))
            return Refusal.Of(404, "unknown_call");
        if (call.Recording is not null)
            return Refusal.Of(409, "not_now");
        if (context.Request.ContentLength > CallRecordings.MostBytes)
            return Refusal.Of(413, "recording_too_large");
        // Each holds its sound in memory until it was looked at: so four at a time.
        try
        {
            return Interlocked.Increment(ref atOnce) > MostAtOnce ? Refusal.Of(503, "too_many_uploads") : await StoreAsync(callId, context);
        }
        finally
        {
            _ = Interlocked.Decrement(ref atOnce);
        }
    }

    private async Task<IResult> StoreAsync(Guid callId, HttpContext context)
    {
        if (await ReadAsync(context.Request) is not { } content)
            return Refusal.Of(413, "recording_too_large");
        if (CallRecordings.TypeOf(content) is not { } mediaType)
            return Refusal.Of(415, "not_a_recording");
        CallRecording recording;
        try
        {
            recording = recordings.Keep(content, mediaType);
        }
        catch (IOException)
        {
            return Refusal.Of(503, "recording_not_stored");
        }
        var (by, now) = (CallEndpoints.PersonOf(context), time.GetUtcNow().ToUnixTimeMilliseconds());
        return await commits.DoAsync(transaction =>
        {
            var done = desk.Attach(transaction, callId, recording, by);
            if (done.Code.Length == 0)
                _ = EvidenceTable.Complete(transaction, recording.Sha256, recording.SizeBytes, mediaType, CallRecordings.Uploader, now);
            return done;
        });
    }

    /// <returns>Null: more than is taken.</returns>
    private static async Task<byte[]?> ReadAsync(HttpRequest request)
    {
        using var content = new MemoryStream();
        var part = new byte[64 << 10];
        try
        {
            while (await request.Body.ReadAsync(part, request.HttpContext.RequestAborted) is > 0 and var length)
            {
                if (content.Length + length > CallRecordings.MostBytes)
                    return null;
                content.Write(part, 0, length);
            }
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return null;
        }
        return content.ToArray();
    }
}
