using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeAgent.CommandCentre.Lists;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.LookUps;

/// <summary>A register as people write it; the file's keys are these names, camelCase. Times are ISO 8601 with their zone.</summary>
internal sealed record RegistryDraft
{
    private const int MostText = 100, MostProblemsTold = 20;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
    };

    public IReadOnlyList<PlateDraft> Plates { get; init; } = [];

    public IReadOnlyList<DocumentDraft> Documents { get; init; } = [];

    /// <exception cref="CentreException">No such file, not JSON, or entries that cannot be; the message names all of them by their place, never by what they hold.</exception>
    public static IReadOnlyList<RegistryRecord> Read(string path)
    {
        RegistryDraft draft;
        try
        {
            using var file = File.OpenRead(path);
            draft = JsonSerializer.Deserialize<RegistryDraft>(file, Json) ?? throw new CentreException($"{path} is empty.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new CentreException($"{path}: {e.Message}", e);
        }
        var (records, problems) = (new List<RegistryRecord>(), new List<string>());
        var seen = new HashSet<(LookUpKind, string)>();
        foreach (var (at, record, problem) in draft.Plates.Select(Plate).Concat(draft.Documents.Select(Document)))
        {
            if (problem.Length > 0)
                problems.Add($"{at}: {problem}");
            else if (!seen.Add((record.Kind, record.Subject)))
                problems.Add($"{at}: stands in the file twice.");
            else
                records.Add(record);
        }
        return problems.Count == 0
            ? records
            : throw new CentreException($"{path}: {problems.Count} entries cannot be taken, so none is. {string.Join(' ', problems.Take(MostProblemsTold))}");
    }

    private static (string At, RegistryRecord Record, string Problem) Plate(PlateDraft draft, int at)
    {
        var subject = LookUpSubjects.Normalise(LookUpKind.Plate, draft.Plate ?? "");
        var plateClass = draft.PlateClass is null or "" ? PlateClass.Unspecified : ListWords.PlateClass(draft.PlateClass);
        var problem = subject is null ? "no such plate is possible."
            : plateClass is null ? $"plateClass is none of {string.Join(", ", ListWords.PlateClasses)}."
            : (draft.Vehicle ?? "").Length > MostText ? $"vehicle is longer than {MostText} characters." : "";
        return ($"plates[{at}]", new RegistryRecord
        {
            Kind = LookUpKind.Plate,
            Subject = subject ?? "",
            PlateClass = plateClass ?? PlateClass.Unspecified,
            Vehicle = draft.Vehicle ?? "",
            StolenSince = draft.StolenSince,
            InsuredUntil = draft.InsuredUntil,
            InspectedUntil = draft.InspectedUntil,
        }, problem);
    }

    private static (string At, RegistryRecord Record, string Problem) Document(DocumentDraft draft, int at)
    {
        var subject = LookUpSubjects.Normalise(LookUpKind.Document, draft.Number ?? "");
        var problem = subject is null ? "the number is not 18 characters with a right check character."
            : draft.Name is not { Length: > 0 and <= MostText } ? $"name has 1 to {MostText} characters." : "";
        return ($"documents[{at}]", new RegistryRecord
        {
            Kind = LookUpKind.Document,
            Subject = subject ?? "",
            Name = draft.Name ?? "",
            WantedSince = draft.WantedSince,
            MissingSince = draft.MissingSince,
        }, problem);
    }
}

internal sealed record PlateDraft
{
    public string? Plate { get; init; }

    /// <summary>blue, yellow, yellow_two_row, green, white, black or other; absent: unknown.</summary>
    public string? PlateClass { get; init; }
    public string? Vehicle { get; init; }

    /// <summary>Absent: not on record as stolen.</summary>
    public DateTimeOffset? StolenSince { get; init; }

    /// <summary>Absent: not known.</summary>
    public DateTimeOffset? InsuredUntil { get; init; }

    /// <inheritdoc cref="InsuredUntil"/>
    public DateTimeOffset? InspectedUntil { get; init; }
}

internal sealed record DocumentDraft
{
    public string? Number { get; init; }
    public string? Name { get; init; }

    /// <summary>Absent: not on record.</summary>
    public DateTimeOffset? WantedSince { get; init; }

    /// <inheritdoc cref="WantedSince"/>
    public DateTimeOffset? MissingSince { get; init; }
}
