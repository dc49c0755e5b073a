using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeAgent.Contract;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Patrolling;

/// <summary>What is wrong with a plan: a code that the page has words for, and the item.</summary>
internal sealed class PlanFault(string code, string itemId = "") : Exception($"{code} {itemId}".Trim())
{
    public string Code => code;

    public string ItemId => itemId;
}

/// <summary>
/// A plan as GeoJSON (RFC 7946): a FeatureCollection whose member patrolPlan holds id, name, units and hours, and a feature for each item.
/// The same text at the page, at the command line and in the table.
/// </summary>
internal sealed record PlanDocument(PatrolRoute Route, IReadOnlyList<string> Units)
{
    public const int MostBytes = 60 << 10;
    public const int MostUnits = 500;
    private const int ChinaOffsetMinutes = 480;

    /// <exception cref="PlanFault">Not a plan, or out of bounds (<see cref="PatrolCheck"/>).</exception>
    public static PlanDocument Read(string text)
    {
        if (text.Length > MostBytes)
            throw new PlanFault("plan_too_large");
        try
        {
            using var json = JsonDocument.Parse(text);
            var plan = Read(json.RootElement);
            if (PatrolCheck.Problems(plan.Route).FirstOrDefault() is { Code: { Length: > 0 } code } problem)
                throw new PlanFault(code, problem.ItemId);
            return plan.Units.Count > MostUnits ? throw new PlanFault("bad_units") : plan;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or KeyNotFoundException or OverflowException)
        {
            throw new PlanFault("plan_unreadable");
        }
    }

    public string Write() => new JsonObject
    {
        ["type"] = "FeatureCollection",
        ["patrolPlan"] = new JsonObject
        {
            ["id"] = Route.PlanId,
            ["name"] = Route.Name,
            ["units"] = new JsonArray([.. Units.Select(unit => (JsonNode)unit)]),
            ["utcOffsetMinutes"] = Route.UtcOffsetMinutes,
            ["hours"] = new JsonArray([.. Route.Hours.Select(Hours)]),
            ["validFromUnixMs"] = Route.ValidFromUnixMs,
            ["validToUnixMs"] = Route.ValidToUnixMs,
        },
        ["features"] = new JsonArray([.. Route.Items.Select(Feature)]),
    }.ToJsonString(new JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    private static PlanDocument Read(JsonElement root)
    {
        if (root.GetProperty("type").GetString() != "FeatureCollection")
            throw new PlanFault("plan_unreadable");
        var plan = root.GetProperty("patrolPlan");
        var route = new PatrolRoute
        {
            PlanId = plan.GetProperty("id").GetString() ?? "",
            Name = plan.GetProperty("name").GetString()?.Trim() ?? "",
            UtcOffsetMinutes = plan.TryGetProperty("utcOffsetMinutes", out var offset) ? offset.GetInt32() : ChinaOffsetMinutes,
            ValidFromUnixMs = Long(plan, "validFromUnixMs"),
            ValidToUnixMs = Long(plan, "validToUnixMs"),
        };
        if (plan.TryGetProperty("hours", out var hours))
            route.Hours.AddRange(hours.EnumerateArray().Select(ReadHours));
        route.Items.AddRange(root.GetProperty("features").EnumerateArray().Select(ReadItem));
        return new PlanDocument(route, [.. plan.GetProperty("units").EnumerateArray().Select(unit => unit.GetString() ?? "").Distinct()]);
    }

    private static PatrolHours ReadHours(JsonElement hours) => new()
    {
        FromMinute = Minute(hours, "from"),
        ToMinute = Minute(hours, "to"),
        Weekdays = hours.TryGetProperty("weekdays", out var days)
            ? (uint)days.EnumerateArray().Sum(day => day.GetInt32() is >= 1 and <= 7 and var at ? 1 << (at - 1) : throw new PlanFault("bad_plan_hours"))
            : 0,
    };

    private static PatrolItem ReadItem(JsonElement feature)
    {
        var facts = feature.GetProperty("properties");
        var id = feature.GetProperty("id").GetString() ?? "";
        var item = new PatrolItem
        {
            ItemId = id,
            Name = facts.GetProperty("name").GetString()?.Trim() ?? "",
            Kind = facts.GetProperty("kind").GetString() switch
            {
                "beat" => PatrolItemKind.Beat,
                "point" => PatrolItemKind.Point,
                "line" => PatrolItemKind.Line,
                "post" => PatrolItemKind.Post,
                _ => throw new PlanFault("bad_item_kind", id),
            },
            ToleranceMetres = (uint)Long(facts, "toleranceMetres"),
            DwellSeconds = (uint)Long(facts, "dwellSeconds"),
            Times = (uint)Long(facts, "times"),
            LeastMinutes = (uint)Long(facts, "leastMinutes"),
            FromMinute = Minute(facts, "from"),
            ToMinute = Minute(facts, "to"),
        };
        item.Shape.AddRange(Shape(feature.GetProperty("geometry"), item));
        return item;
    }

    private static IEnumerable<GeoPoint> Shape(JsonElement geometry, PatrolItem item)
    {
        var (type, at) = (geometry.GetProperty("type").GetString(), geometry.GetProperty("coordinates"));
        var wanted = item.Kind switch { PatrolItemKind.Beat => "Polygon", PatrolItemKind.Line => "LineString", _ => "Point" };
        if (type != wanted)
            throw new PlanFault("bad_item_shape", item.ItemId);
        if (type == "Point")
            return [Place(at)];
        if (type == "LineString")
            return at.EnumerateArray().Select(Place);
        // A beat has no holes, and a ring of GeoJSON repeats its first point.
        var rings = at.EnumerateArray().ToList();
        if (rings.Count != 1)
            throw new PlanFault("bad_item_shape", item.ItemId);
        var ring = rings[0].EnumerateArray().Select(Place).ToList();
        return ring.Count > 1 && ring[0].Equals(ring[^1]) ? ring.SkipLast(1) : ring;
    }

    private static GeoPoint Place(JsonElement at) => new() { LongitudeDegrees = at[0].GetDouble(), LatitudeDegrees = at[1].GetDouble() };

    private static long Long(JsonElement of, string name) =>
        of.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null
            ? value.GetInt64() is >= 0 and var number ? number : throw new PlanFault("plan_unreadable")
            : 0;

    private static uint Minute(JsonElement of, string name)
    {
        if (!of.TryGetProperty(name, out var value) || value.GetString() is not { Length: > 0 } text)
            return 0;
        var parts = text.Split(':');
        var (hour, minute) = (uint.Parse(parts[0], CultureInfo.InvariantCulture), uint.Parse(parts[1], CultureInfo.InvariantCulture));
        return parts.Length == 2 && hour <= 24 && minute < 60 ? (hour * 60) + minute : throw new FormatException(text);
    }

    private static string Clock(uint minute) => $"{minute / 60:00}:{minute % 60:00}";

    private static JsonNode Hours(PatrolHours hours)
    {
        var told = new JsonObject { ["from"] = Clock(hours.FromMinute), ["to"] = Clock(hours.ToMinute) };
        if (hours.Weekdays != 0)
            told["weekdays"] = new JsonArray([.. Enumerable.Range(0, 7).Where(day => (hours.Weekdays >> day & 1) == 1).Select(day => (JsonNode)(day + 1))]);
        return told;
    }

    private static JsonNode Feature(PatrolItem item)
    {
        var facts = new JsonObject { ["name"] = item.Name, ["kind"] = item.Kind.ToString().ToLowerInvariant() };
        foreach (var (name, value) in new[] { ("toleranceMetres", item.ToleranceMetres), ("dwellSeconds", item.DwellSeconds), ("times", item.Times), ("leastMinutes", item.LeastMinutes) })
        {
            if (value > 0)
                facts[name] = value;
        }
        if (item.FromMinute != item.ToMinute)
            (facts["from"], facts["to"]) = (Clock(item.FromMinute), Clock(item.ToMinute));
        var places = item.Shape.Select(Pair).ToList();
        JsonNode coordinates = item.Kind switch
        {
            PatrolItemKind.Beat => new JsonArray(new JsonArray([.. places, Pair(item.Shape[0])])),
            PatrolItemKind.Line => new JsonArray([.. places]),
            _ => places[0],
        };
        return new JsonObject
        {
            ["type"] = "Feature",
            ["id"] = item.ItemId,
            ["properties"] = facts,
            ["geometry"] = new JsonObject
            {
                ["type"] = item.Kind switch { PatrolItemKind.Beat => "Polygon", PatrolItemKind.Line => "LineString", _ => "Point" },
                ["coordinates"] = coordinates,
            },
        };
    }

    private static JsonNode Pair(GeoPoint at) => new JsonArray(Math.Round(at.LongitudeDegrees, 7), Math.Round(at.LatitudeDegrees, 7));
}
