using EdgeAgent.Hw.Frames;

namespace EdgeAgent.Benchmarks.Eval;

/// <summary>A way to read plates: the product's or the peer's.</summary>
internal interface IPlateWay
{
    /// <summary>Accepted readings of a photograph, each text once.</summary>
    public IReadOnlyList<PlateReading> ReadScene(BgrView picture);

    /// <summary>Accepted readings of a picture that is all plate: one or none.</summary>
    public IReadOnlyList<PlateReading> ReadCrop(BgrView plate);
}
