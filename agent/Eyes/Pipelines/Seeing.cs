namespace EdgeAgent.Eyes.Pipelines;

/// <summary>The two kinds of thing that are looked for.</summary>
internal enum VisitKind
{
    Face,
    Plate,
}

/// <summary>
/// What may be looked for now, as the host last said. Each switching-off begins a new epoch of that kind, so that work which is
/// still under way for the old one is thrown away when it is done, not told.
/// </summary>
internal sealed class Seeing
{
    /// <summary>No longer than this (DESIGN 4.2), whatever is asked.</summary>
    public const long MostPlateMemoryMs = 180_000;

    private readonly Lock _gate = new();
    private volatile State _state = new(false, false, 0, 0);
    private long _plateMemoryMs = MostPlateMemoryMs;

    public bool Faces => _state.Faces;

    public bool Plates => _state.Plates;

    public bool Any => _state is { Faces: true } or { Plates: true };

    /// <summary>A plate is remembered for so long, also while it stays in sight.</summary>
    public long PlateMemoryMs => Volatile.Read(ref _plateMemoryMs);

    public void Set(bool faces, bool plates, long plateMemoryMs = 0)
    {
        Volatile.Write(ref _plateMemoryMs, plateMemoryMs is > 0 and <= MostPlateMemoryMs ? plateMemoryMs : MostPlateMemoryMs);
        lock (_gate)
        {
            var old = _state;
            _state = new State(
                faces, plates, old.FaceEpoch + (old.Faces && !faces ? 1 : 0), old.PlateEpoch + (old.Plates && !plates ? 1 : 0));
        }
    }

    public int Epoch(VisitKind kind) => kind == VisitKind.Face ? _state.FaceEpoch : _state.PlateEpoch;

    /// <summary>Whether a visit of that kind and epoch may still be worked on.</summary>
    public bool Allows(VisitKind kind, int epoch)
    {
        var state = _state;
        return kind == VisitKind.Face ? state.Faces && state.FaceEpoch == epoch : state.Plates && state.PlateEpoch == epoch;
    }

    private sealed record State(bool Faces, bool Plates, int FaceEpoch, int PlateEpoch);
}
