using System.Text.Json;
using System.Text.Json.Serialization;

namespace EdgeAgent.CommandCentre.PublicReports;

/// <summary>A count as it is published: a number, "fewer than 5", or not published because another hidden one would follow from it.</summary>
[JsonConverter(typeof(FigureJson))]
internal readonly record struct Figure(long? Value, bool Small)
{
    public static readonly Figure Few = new(null, true);
    public static readonly Figure Withheld = new(null, false);

    public static implicit operator Figure(long value) => new(value, false);

    public Words Words => Value is { } value ? Words.Same($"{value:#,0}") : Small ? new("少于5", "<5") : new("不公布", "withheld");
}

/// <summary>A number, or "&lt;5", or "withheld".</summary>
internal sealed class FigureJson : JsonConverter<Figure>
{
    public override Figure Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException("Reports are written, never read.");

    public override void Write(Utf8JsonWriter writer, Figure value, JsonSerializerOptions options)
    {
        if (value.Value is { } number)
            writer.WriteNumberValue(number);
        else
            writer.WriteStringValue(value.Words.En);
    }
}
