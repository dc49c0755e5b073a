using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeAgent.CommandCentre.Storage;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Lists;

/// <summary>A list as people write it, before it is numbered, dated and signed. The file's keys are these names, camelCase.</summary>
internal sealed record ListDraft
{
    public string ListId { get; init; } = "";

    /// <summary>plates or faces.</summary>
    public string Kind { get; init; } = "";

    /// <summary>stolen_vehicle, wanted_warrant, missing_or_vulnerable, court_order or named_incident_vehicle.</summary>
    public string Category { get; init; } = "";
    public string TitleZh { get; init; } = "";
    public string TitleEn { get; init; } = "";
    public string Authority { get; init; } = "";
    public string LegalReference { get; init; } = "";
    public string Purpose { get; init; } = "";
    public string Source { get; init; } = "";

    /// <summary>Hours from now; default 24. Faces: at most 24.</summary>
    public double ValidHours { get; init; } = 24;

    /// <summary>Units that get the list; empty or absent: all.</summary>
    public IReadOnlyList<string> Units { get; init; } = [];
    public FaceAuthorisationDraft? FaceAuthorisation { get; init; }
    public IReadOnlyList<EntryDraft> Entries { get; init; } = [];

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
    };

    /// <exception cref="CentreException">No such file, not JSON, or a key that does not exist; the message names file and place.</exception>
    public static ListDraft Read(string path) => Read<ListDraft>(path);

    /// <inheritdoc cref="Read(string)"/>
    public static EntryDraft ReadEntry(string path) => Read<EntryDraft>(path);

    /// <summary>A draft as a console sends it.</summary>
    /// <exception cref="CentreException">Not JSON, or a key that does not exist; the message names the place.</exception>
    public static ListDraft Parse(string json)
    {
        try
        {
            var draft = JsonSerializer.Deserialize<ListDraft>(json, Json) ?? throw new CentreException("The draft is empty.");
            // A null in place of a list or text is a draft that lacks it, not one that breaks the reader.
            return draft with
            {
                ListId = draft.ListId ?? "",
                Kind = draft.Kind ?? "",
                Category = draft.Category ?? "",
                TitleZh = draft.TitleZh ?? "",
                TitleEn = draft.TitleEn ?? "",
                Authority = draft.Authority ?? "",
                LegalReference = draft.LegalReference ?? "",
                Purpose = draft.Purpose ?? "",
                Source = draft.Source ?? "",
                Units = [.. (draft.Units ?? []).OfType<string>()],
                Entries = [.. (draft.Entries ?? []).OfType<EntryDraft>().Select(entry => entry with { EntryId = entry.EntryId ?? "" })],
            };
        }
        catch (JsonException e)
        {
            throw new CentreException(e.Message, e);
        }
    }

    public string ToJson() => JsonSerializer.Serialize(this, Json);

    private static T Read<T>(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            return JsonSerializer.Deserialize<T>(file, Json) ?? throw new CentreException($"{path} is empty.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new CentreException($"{path}: {e.Message}", e);
        }
    }

    /// <exception cref="CentreException">Neither plates nor faces.</exception>
    public ListKind KindValue() => Kind switch
    {
        "plates" => ListKind.Plates,
        "faces" => ListKind.Faces,
        _ => throw new CentreException($"List '{ListId}': kind is '{Kind}', not plates or faces."),
    };

    /// <exception cref="CentreException">Outside the closed set.</exception>
    public ListCategory CategoryValue() => ListWords.Category(Category)
        ?? throw new CentreException($"List '{ListId}': '{Category}' is not a category. There are: {string.Join(", ", ListWords.Categories)}.");
}

internal sealed record FaceAuthorisationDraft
{
    public string AuthorisedBy { get; init; } = "";
    public string Reference { get; init; } = "";
    public string Purpose { get; init; } = "";
}

internal sealed record EntryDraft
{
    public string EntryId { get; init; } = "";
    public string? Plate { get; init; }

    /// <summary>blue, yellow, yellow_two_row, green, white, black or other; absent: unknown.</summary>
    public string? PlateClass { get; init; }
    public string? VehicleClass { get; init; }
    public string? SubjectReference { get; init; }
    public string? DisplayName { get; init; }

    /// <summary>Path of a picture with one face, relative to the list's file.</summary>
    public string? Picture { get; init; }
    public bool Minor { get; init; }

    /// <summary>Stands on the list here alone, for whoever has no business reading it: never sent to a car, and reading it raises an alarm.</summary>
    public bool Canary { get; init; }
    public string? Note { get; init; }
}
