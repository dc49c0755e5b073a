using System.Text;
using System.Text.Json;
using EdgeAgent.CommandCentre.Storage;

namespace EdgeAgent.CommandCentre.Lists;

/// <summary>
/// What was written at a console: a whole list, or what changes in the one in force. A change names only what comes and goes: whoever
/// extends a list has no reason to read it.
/// </summary>
internal sealed record WrittenDraft(ListDraft List, bool Based, IReadOnlyList<string> Remove)
{
    public const int MostBytes = 8 << 20;

    /// <exception cref="CentreException">Not what a draft is made of; the message names the place.</exception>
    public static WrittenDraft Parse(JsonElement draft, bool based, IReadOnlyList<string>? remove)
    {
        var list = draft.ValueKind == JsonValueKind.Object ? ListDraft.Parse(draft.GetRawText()) : throw new CentreException("There is no draft.");
        return new WrittenDraft(list, based, [.. (remove ?? []).OfType<string>().Select(id => id.Trim()).Where(id => id.Length is > 0 and <= 64).Distinct(StringComparer.Ordinal).Take(DraftCheck.MostEntries)]);
    }

    public byte[] ToBytes() => Encoding.UTF8.GetBytes($$"""{"based":{{(Based ? "true" : "false")}},"remove":{{JsonSerializer.Serialize(Remove)}},"draft":{{List.ToJson()}}}""");

    public static WrittenDraft FromBytes(byte[] json)
    {
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement;
        return new WrittenDraft(
            ListDraft.Parse(root.GetProperty("draft").GetRawText()), root.GetProperty("based").GetBoolean(), [.. root.GetProperty("remove").EnumerateArray().Select(id => id.GetString()!)]);
    }
}
