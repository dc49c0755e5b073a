namespace EdgeAgent.Vision.Faces;

/// <summary>Non-maximum suppression: of boxes that overlap, the best.</summary>
internal static class Suppression
{
    /// <summary>Keeps each box that covers none of those kept before it by more than <paramref name="overlap"/>.</summary>
    /// <param name="candidates">Sorted by score in place, best first.</param>
    /// <param name="overlap">Largest intersection over union of two that stay, 0 … 1.</param>
    /// <param name="kept">Filled from the start, best first; further boxes are left out.</param>
    /// <returns>How many are kept.</returns>
    public static int KeepBest(List<FaceBox> candidates, float overlap, Span<FaceBox> kept)
    {
        candidates.Sort(static (a, b) => b.Score.CompareTo(a.Score));
        int count = 0;
        foreach (var box in candidates)
        {
            if (count == kept.Length)
                break;
            bool covered = false;
            for (int i = 0; i < count && !covered; i++)
                covered = Overlap(kept[i], box) > overlap;
            if (!covered)
                kept[count++] = box;
        }
        return count;
    }

    /// <summary>Intersection over union; 0 for boxes that do not touch.</summary>
    public static float Overlap(FaceBox a, FaceBox b)
    {
        float width = Math.Min(a.X2, b.X2) - Math.Max(a.X1, b.X1), height = Math.Min(a.Y2, b.Y2) - Math.Max(a.Y1, b.Y1);
        if (width <= 0 || height <= 0)
            return 0;
        float both = width * height;
        return both / (a.Width * a.Height + b.Width * b.Height - both);
    }
}
