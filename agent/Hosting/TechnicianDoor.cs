using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using EdgeAgent.Agent.Officers;
using EdgeAgent.Agent.Terminal;
using EdgeAgent.Agent.Watchlists;
using EdgeAgent.DispatchClient.Identity;
using EdgeAgent.DispatchClient.Uplink;
using EdgeAgent.Vision.Inference;
using Microsoft.Extensions.Logging;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Hosting;

/// <summary>
/// What a technician at the box may know of the running car, for edgectl: a Unix socket (mode 0600) that says one JSON document to
/// whoever connects and closes. Only the agent's own user and root are heard, nothing is asked, and nobody is in it: no entry of a
/// list, no officer, no sighting.
/// </summary>
internal sealed class TechnicianDoor(
    CarOptions options, UnitIdentity unit, StageTable stages, HostHealth health, WatchlistLibrary lists, ModelStore models, CentreSettings settings, CarAbroad abroad, TimeProvider time)
{
    public const string SocketName = "technician.sock";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web)
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    public async Task RunAsync(StagePulse pulse, CancellationToken stop)
    {
        string path = Path.Combine(options.DataDirectory, "run", SocketName);
        SafeFile.CreateFolder(Path.GetDirectoryName(path)!);
        File.Delete(path);
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        File.SetUnixFileMode(path, SafeFile.OwnerOnly);
        listener.Listen(4);
        pulse.Ok();
        try
        {
            while (true)
            {
                using Socket peer = await listener.AcceptAsync(stop);
                if (Posix.PeerOf(peer).Uid is var uid && (uid == 0 || uid == Posix.UserId))
                    await SayAsync(peer, stop);
            }
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>One at a time: whoever reads slowly is left after two seconds.</summary>
    private async Task SayAsync(Socket peer, CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(Patience);
        try
        {
            await using var stream = new NetworkStream(peer);
            await stream.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(View(), Format), limit.Token);
        }
        catch (Exception error) when (error is IOException or SocketException || (error is OperationCanceledException && !stop.IsCancellationRequested))
        {
            // Whoever asked is gone; there is nobody to tell.
        }
    }

    private CarAtABench View() => new(
        unit.UnitId, CarFacts.SoftwareVersion, Environment.ProcessId, time.GetUtcNow().ToUnixTimeMilliseconds(), health.View(), stages.Snapshot(),
        [.. lists.Status().Select(ListAtABench.Of)],
        [.. models.Entries.Select(m => new ModelAtABench(m.Name, m.Sha256, m.Thresholds))],
        OptionsShown.Flat(options.ToJson()), settings.InForce, settings.Version, abroad.Now());
}

/// <summary>What the car knows of the world outside, for whoever looks for a fault.</summary>
internal sealed class CarAbroad(CentreLink link, TrustedClock clock, OfficerDesk officers, EyesFacts eyes)
{
    public OutsideAtABench Now() => new(
        link.State.Phase, link.State.Detail, clock.Trust, officers.Roster.Officers.Count, [.. eyes.Cameras.Values.Where(w => w.Status.Frozen).Select(w => w.Status.CameraId)]);
}

/// <param name="Officers">How many may sign in.</param>
/// <param name="FrozenCameras">Ids of those whose picture stands still.</param>
internal sealed record OutsideAtABench(LinkPhase Link, string LinkDetail, TimeTrust TimeTrust, int Officers, IReadOnlyList<string> FrozenCameras);

/// <param name="CentreSettingsInForce">Version of what the centre set and this start runs with, 0: nothing.</param>
/// <param name="CentreSettingsHeld">The newest one held: in force from the next start on.</param>
internal sealed record CarAtABench(
    string UnitId, string SoftwareVersion, int Pid, long AtUnixMs, HealthView Health, IReadOnlyList<StageSnapshot> Stages, IReadOnlyList<ListAtABench> Lists,
    IReadOnlyList<ModelAtABench> Models, IReadOnlyDictionary<string, JsonNode?> Settings, ulong CentreSettingsInForce, ulong CentreSettingsHeld, OutsideAtABench Outside);

internal sealed record ModelAtABench(string Name, string Sha256, IReadOnlyDictionary<string, float> Thresholds);

/// <summary>A list without its title, legal reference, source and area: what a technician needs, and nothing of whom it is about.</summary>
internal sealed record ListAtABench(
    string ListId, ulong Version, string Kind, string Category, string Authority, long IssuedAtUnixMs, long ValidToUnixMs, int Entries, string State, string Code, string WhyZh, string WhyEn)
{
    public static ListAtABench Of(ListStatus status) => new(
        status.Facts.ListId, status.Facts.Version, Words.Of(status.Facts.Kind), Words.Of(status.Facts.Category), status.Facts.Authority,
        status.Facts.IssuedAtUnixMs, status.Facts.ValidToUnixMs, status.Entries, Words.Of(status.Why.Condition), status.Why.Code, status.Why.Zh, status.Why.En);
}
