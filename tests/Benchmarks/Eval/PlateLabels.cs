namespace EdgeAgent.Benchmarks.Eval;

/// <summary>One line of labels.csv.</summary>
/// <param name="Others">Further plates in the picture: reading one is neither right nor wrong.</param>
internal sealed record PlateLabel(string File, string Plate, bool IsScene, string Set, string Colour, string[] Others)
{
    /// <summary>The colour, or that nobody noted it.</summary>
    public string Class => Colour.Length > 0 ? Colour : "unlabelled";
}

internal static class PlateLabels
{
    public static List<PlateLabel> Read(string directory)
    {
        if (!Directory.Exists(directory))
            throw new InputException($"There is no folder {directory}.");
        string path = Path.Combine(directory, "labels.csv");
        if (!File.Exists(path))
            throw new InputException($"{directory} has no labels.csv (header: file,plate,kind,set,…).");
        string[] lines = [.. File.ReadAllLines(path).Where(l => !string.IsNullOrWhiteSpace(l))];
        if (lines.Length < 2)
            throw new InputException($"{path} labels no picture.");
        string[] header = lines[0].TrimStart('\uFEFF').Split(',');
        int Column(string name) => Array.IndexOf(header, name);
        int file = Column("file"), plate = Column("plate"), kind = Column("kind"), set = Column("set"), others = Column("others"), colour = Column("colour");
        if (file < 0 || plate < 0 || kind < 0)
            throw new InputException($"{path} needs the columns file, plate and kind in its header, not \"{lines[0]}\".");
        return [.. lines.Skip(1).Select((line, i) => Parse(line.Split(','), i + 2))];

        PlateLabel Parse(string[] cells, int number)
        {
            string Cell(int column) => column >= 0 && column < cells.Length ? cells[column].Trim() : "";
            if (Cell(file).Length == 0 || Cell(plate).Length == 0)
                throw new InputException($"{path}, line {number}: there is no file or no plate.");
            if (Cell(kind) is not ("scene" or "crop"))
                throw new InputException($"{path}, line {number}: kind is \"{Cell(kind)}\", not scene or crop.");
            string picture = Path.Combine(directory, Cell(file));
            if (!File.Exists(picture))
                throw new InputException($"{path}, line {number}: there is no picture {picture}.");
            return new PlateLabel(
                picture, Cell(plate), Cell(kind) == "scene", Cell(set), Cell(colour), Cell(others).Split('|', StringSplitOptions.RemoveEmptyEntries));
        }
    }
}
