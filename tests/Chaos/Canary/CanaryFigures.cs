namespace EdgeAgent.Chaos.Canary;

/// <summary>What was driven past, what was planted and found, and what was left behind.</summary>
/// <param name="FacesDeleted">Of the car's own receipts: seen, on no list, overwritten.</param>
/// <param name="Planted">Forms in places.</param>
/// <param name="Missed">Of those, the ones that the scanner did not find.</param>
/// <param name="CoreFiles">Left by the car's processes, which were made to crash.</param>
/// <param name="Traces">Of who is on no list.</param>
internal sealed record CanaryFigures(
    int Seconds, int Decisions, ulong FacesSeen, ulong FacesDeleted, ulong PlatesSeen, ulong PlatesDeleted, ulong OldestFaceMs, ulong AssistOldestMs, ulong OldestPlateMs, bool ReceiptsInOrder,
    int Planted, int PlantedFound, IReadOnlyList<string> Missed, int FilesScanned, long BytesScanned, int PicturesLookedAt, int CoreFiles, IReadOnlyList<string> Traces)
{
    private const ulong LeastDeleted = 5;

    public IEnumerable<string> Wrong()
    {
        if (PlantedFound != Planted)
            yield return $"the scanner does not find what was planted: {string.Join("; ", Missed)}";
        if (FacesDeleted < LeastDeleted || PlatesDeleted < LeastDeleted)
            yield return $"too few on no list came by to say anything: {FacesDeleted} faces, {PlatesDeleted} plates";
        if (Decisions == 0)
            yield return "nobody decided anything: the officer's page was not at work";
        if (AssistOldestMs == 0)
            yield return "no face was kept for an Assist: what that leaves was not looked for";
        if (!ReceiptsInOrder)
            yield return "the deletion receipts do not add up, or show somebody held for too long";
        if (CoreFiles > 0)
            yield return $"{CoreFiles} core files were left";
        if (Traces.Count > 0)
            yield return $"{Traces.Count} traces of who is on no list: {string.Join("; ", Traces.Take(10))}";
    }
}
