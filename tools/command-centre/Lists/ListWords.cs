using Google.Protobuf.Reflection;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Lists;

/// <summary>The contract's enums in the words of files and pages: lower case, without the enum's own name.</summary>
internal static class ListWords
{
    public static IEnumerable<string> Categories => Values("ListCategory", "LIST_CATEGORY_").Select(value => value.Word);

    public static ListCategory? Category(string word) => (ListCategory?)Number("ListCategory", "LIST_CATEGORY_", word);

    public static string Word(ListCategory category) => Word("ListCategory", "LIST_CATEGORY_", (int)category);

    public static string Word(ListKind kind) => Word("ListKind", "LIST_KIND_", (int)kind);

    public static IEnumerable<string> PlateClasses => Values("PlateClass", "PLATE_CLASS_").Select(value => value.Word);

    public static PlateClass? PlateClass(string word) => (PlateClass?)Number("PlateClass", "PLATE_CLASS_", word);

    public static string Word(PlateClass plateClass) => Word("PlateClass", "PLATE_CLASS_", (int)plateClass);

    private static int? Number(string type, string prefix, string word) =>
        Values(type, prefix).Where(value => value.Word == word).Select(value => (int?)value.Number).FirstOrDefault();

    private static string Word(string type, string prefix, int number) =>
        Values(type, prefix).Where(value => value.Number == number).Select(value => value.Word).FirstOrDefault("unspecified");

    private static IEnumerable<(string Word, int Number)> Values(string type, string prefix) =>
        WatchlistReflection.Descriptor.FindTypeByName<EnumDescriptor>(type).Values
            .Where(value => value.Number != 0)
            .Select(value => (value.Name[prefix.Length..].ToLowerInvariant(), value.Number));
}
