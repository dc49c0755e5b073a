namespace EdgeAgent.Eyes.Pipelines;

/// <summary>
/// Places of one camera's picture where the detector, unsure, saw a thing that a closer look showed to be nothing: while the car
/// stands, the same fence is seen there over and over, and one look at it was enough. Holds boxes, not pictures. Detection thread.
/// </summary>
internal sealed class RefutedPlaces
{
    private const int Most = 16;

    /// <summary>What was not seen again for so long may be something else by now.</summary>
    private const long KeepMs = 60_000;

    /// <summary>Two boxes that share this part of what they cover together are one place.</summary>
    private const float SameOverlap = 0.5f;

    private readonly (ShareBox Box, long MonoMs)[] _places = new (ShareBox, long)[Most];
    private int _count;

    /// <summary>Nothing is here; the place that was longest not seen makes room.</summary>
    public void Add(in ShareBox box, long monoMs)
    {
        if (Find(box, monoMs) >= 0)
            return;
        int at = _count < Most ? _count++ : 0;
        if (at == 0)
            for (int i = 1; i < _count; i++)
                if (_places[i].MonoMs < _places[at].MonoMs)
                    at = i;
        _places[at] = (box, monoMs);
    }

    /// <summary>Whether nothing was here lately; keeps the place in mind if so.</summary>
    public bool Contains(in ShareBox box, long monoMs) => Find(box, monoMs) >= 0;

    public void Clear() => _count = 0;

    private int Find(in ShareBox box, long monoMs)
    {
        for (int i = 0; i < _count; i++)
            if (monoMs - _places[i].MonoMs <= KeepMs && Overlap(box, _places[i].Box) >= SameOverlap)
            {
                _places[i] = (_places[i].Box, monoMs);
                return i;
            }
        return -1;
    }

    private static float Overlap(in ShareBox a, in ShareBox b)
    {
        float width = Math.Min(a.X2, b.X2) - Math.Max(a.X1, b.X1), height = Math.Min(a.Y2, b.Y2) - Math.Max(a.Y1, b.Y1);
        if (!(width > 0 && height > 0))
            return 0;
        float both = width * height;
        return both / (a.Width * a.Height + b.Width * b.Height - both);
    }
}
