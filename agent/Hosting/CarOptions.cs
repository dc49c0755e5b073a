using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using EdgeAgent.Agent.Alerts;
using EdgeAgent.Agent.Box;
using EdgeAgent.Agent.Calls;
using EdgeAgent.Agent.Emergencies;
using EdgeAgent.Agent.Officers;
using EdgeAgent.Agent.Positions;
using EdgeAgent.Agent.Privacy;
using EdgeAgent.Agent.Releases;
using EdgeAgent.Agent.Terminal;
using EdgeAgent.Agent.Watchlists;

namespace EdgeAgent.Agent.Hosting;

/// <summary>The host's configuration file. Each part's options lie beside their user; all are checked together, at start.</summary>
internal sealed record CarOptions
{
    private static readonly JsonSerializerOptions Format = new()
    {
        AllowTrailingCommas = true,
        ReadCommentHandling = JsonCommentHandling.Skip,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
    };

    // From the sighting to the alert, and from the camera to the ring.
    private const int ClipArrivalSeconds = 3;

    /// <summary>Everything that the car keeps. No default; made with mode 0700.</summary>
    public string DataDirectory { get; init; } = "";

    /// <summary>What `edgectl provision` wrote. Default: identity, below the data folder.</summary>
    public string IdentityDirectory { get; init; } = "";

    /// <summary>The command centre: https, host and port.</summary>
    public string Centre { get; init; } = "";

    /// <summary>Other gateways of the same centre, as `Centre`; the car moves to the next one when one is lost. Default none, at most 8.</summary>
    public IReadOnlyList<string> CentreAlsoAt { get; init; } = [];

    public TerminalOptions Terminal { get; init; } = new();

    /// <summary>1 to 16.</summary>
    public IReadOnlyList<CameraOptions> Cameras { get; init; } = [];

    public GnssOptions Gnss { get; init; } = new();

    public SosOptions Sos { get; init; } = new();

    public EyesOptions Vision { get; init; } = new();

    public AlertOptions Alerts { get; init; } = new();

    public ListOptions Lists { get; init; } = new();

    public PrivacyOptions Privacy { get; init; } = new();

    public CallOptions Calls { get; init; } = new();

    public SignInOptions SignIn { get; init; } = new();

    public PowerOptions Power { get; init; } = new();

    public BoxOptions Box { get; init; } = new();

    public ReleaseOptions Releases { get; init; } = new();

    /// <summary>How long an alert waits for the officer before it lapses as not seen, seconds. Default 120, 10 to 3600.</summary>
    public int AlertLapseSeconds { get; init; } = 120;

    [JsonIgnore]
    public TimeSpan AlertLapse => TimeSpan.FromSeconds(AlertLapseSeconds);

    /// <summary>Version of what the centre set of these; 0: nothing, all stands in the file.</summary>
    [JsonIgnore]
    public ulong CentreVersion { get; init; }

    /// <summary>These options with parts that the centre set, key by key, or every problem that they have then.</summary>
    public (CarOptions? Options, IReadOnlyList<string> Problems) With(JsonObject settings)
    {
        JsonObject whole = ToJson();
        foreach ((string key, JsonNode? value) in settings)
        {
            if (whole[key] is not JsonObject part || value is not JsonObject changes)
                whole[key] = value?.DeepClone();
            else
                foreach ((string inner, JsonNode? changed) in changes)
                    part[inner] = changed?.DeepClone();
        }
        try
        {
            CarOptions read = whole.Deserialize<CarOptions>(Format)!;
            string[] problems = [.. read.Problems()];
            return problems.Length == 0 ? (read, []) : (null, problems);
        }
        catch (JsonException error)
        {
            return (null, [error.Message]);
        }
    }

    /// <summary>The options, or every problem that the file has.</summary>
    public static (CarOptions? Options, IReadOnlyList<string> Problems) Read(string file)
    {
        var reading = new OptionsReading(Format);
        CarOptions? read;
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(file), new JsonDocumentOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip });
            read = reading.Read(document.RootElement, typeof(CarOptions), "")?.Deserialize<CarOptions>(Format);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return (null, [$"{file} cannot be read: {error.Message}"]);
        }
        catch (JsonException error)
        {
            return (null, [$"{file}, line {error.LineNumber + 1}: {error.Message}"]);
        }
        if (read is null)
            return (null, reading.Problems);
        CarOptions whole = read with
        {
            DataDirectory = read.DataDirectory.Length == 0 ? "" : Path.GetFullPath(read.DataDirectory),
            IdentityDirectory = read.IdentityDirectory.Length > 0 ? Path.GetFullPath(read.IdentityDirectory)
                : read.DataDirectory.Length > 0 ? Path.Combine(Path.GetFullPath(read.DataDirectory), "identity") : "",
        };
        string[] problems = [.. reading.Problems, .. whole.Problems().Where(p => !reading.IsTakenOut(OptionsRemark.Of(p).Key))];
        return problems.Length == 0 ? (whole, []) : (null, problems);
    }

    /// <summary>As a file would say it, every setting in it.</summary>
    public JsonObject ToJson() => (JsonObject)JsonSerializer.SerializeToNode(this, Format)!;

    public IEnumerable<string> Problems()
    {
        if (DataDirectory.Length == 0)
            yield return "DataDirectory is empty: name the folder in which the car keeps everything.";
        if (!(Uri.TryCreate(Centre, UriKind.Absolute, out Uri? centre) && centre.Scheme == "https"))
            yield return $"Centre is '{Centre}': give the command centre's address, such as https://centre.example:8443.";
        foreach (string other in CentreAlsoAt.Where(other => !(Uri.TryCreate(other, UriKind.Absolute, out Uri? also) && also.Scheme == "https")))
            yield return $"CentreAlsoAt has '{other}': give another gateway's address, such as https://centre-2.example:8443.";
        if (CentreAlsoAt.Count > 8)
            yield return $"CentreAlsoAt has {CentreAlsoAt.Count} entries: give at most 8.";
        if (AlertLapseSeconds is < 10 or > 3600)
            yield return $"AlertLapseSeconds is {AlertLapseSeconds}: give 10 to 3600.";
        if (Cameras.Count is 0 or > 16)
            yield return $"Cameras has {Cameras.Count} entries: give 1 to 16.";
        if (Alerts.HasClips && Vision.RingSeconds < Alerts.ClipSecondsBefore + Alerts.ClipSecondsAfter + ClipArrivalSeconds)
            yield return $"Vision.RingSeconds is {Vision.RingSeconds}: a clip of {Alerts.ClipSecondsBefore} and {Alerts.ClipSecondsAfter} seconds (Alerts) is cut out of it and needs {Alerts.ClipSecondsBefore + Alerts.ClipSecondsAfter + ClipArrivalSeconds}.";
        foreach (var same in Cameras.GroupBy(c => c.Id).Where(g => g.Count() > 1))
            yield return $"Cameras: '{same.Key}' stands there {same.Count()} times; give each camera its own Id.";
        foreach (string problem in Cameras.SelectMany((camera, index) => camera.Problems(index))
            .Concat(Terminal.Problems()).Concat(Gnss.Problems()).Concat(Vision.Problems()).Concat(Alerts.Problems()).Concat(Lists.Problems()).Concat(Sos.Problems())
            .Concat(Privacy.Problems(Cameras)).Concat(Calls.Problems()).Concat(SignIn.Problems())
            .Concat(Power.Problems()).Concat(Box.Problems()).Concat(Releases.Problems()))
            yield return problem;
    }
}
