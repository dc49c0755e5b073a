using System.Buffers.Binary;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace EdgeAgent.Chaos.Canary;

/// <summary>
/// Finds a face's template in bytes: as float32, float64, float16 or int8, little endian, at any byte, whatever it was multiplied with.
/// A picture of the same person gives another template that points the same way, so direction is what is compared.
/// </summary>
internal sealed class TemplateTraces
{
    private const int Length = 512;

    /// <summary>Two looks at one face; strangers, and whatever else lies in files, stay far below.</summary>
    private const float Same = 0.5f;

    /// <summary>A quarter of the values is enough when it points the same way so clearly (seven standard deviations from chance): pages cut values.</summary>
    private const int Part = 128;
    private const float SamePart = 0.62f;

    /// <summary>Less than this in the first quarter, and the whole is not looked at.</summary>
    private const float Promising = 0.35f;
    private const int ReachBytes = 1 << 16;

    private readonly float[] face;

    public TemplateTraces(float[] face)
    {
        if (face.Length != Length)
            throw new ArgumentException($"a template has {Length} values, not {face.Length}", nameof(face));
        this.face = [.. face];
        TensorPrimitives.Divide(face, TensorPrimitives.Norm<float>(face), this.face);
    }

    /// <summary>Whether 512 float32 of unit length stand there, whoever's they are.</summary>
    public static bool HoldsAny(ReadOnlySpan<byte> content)
    {
        for (int offset = 0; offset < 4; offset++)
        {
            int run = 0;
            double squares = 0;
            for (int at = offset; at + 4 <= content.Length; at += 4)
            {
                float value = BinaryPrimitives.ReadSingleLittleEndian(content[at..]);
                // Zeros and denormals fill empty pages; a template has neither in bulk, and no component reaches 1.
                if (!float.IsNormal(value) || MathF.Abs(value) >= 1)
                {
                    run = 0;
                    squares = 0;
                    continue;
                }
                squares += (double)value * value;
                if (++run > Length)
                {
                    float leaving = BinaryPrimitives.ReadSingleLittleEndian(content[(at - (Length * 4))..]);
                    squares -= (double)leaving * leaving;
                }
                if (run >= Length && Math.Abs(squares - 1) < 1e-3)
                    return true;
            }
        }
        return false;
    }

    /// <summary>The forms in which it stands in these bytes.</summary>
    public IEnumerable<string> In(byte[] content)
    {
        if (InNumbers(content, 4, b => BinaryPrimitives.ReadSingleLittleEndian(b)))
            yield return "float32";
        if (InNumbers(content, 8, b => (float)BinaryPrimitives.ReadDoubleLittleEndian(b)))
            yield return "float64";
        if (InNumbers(content, 2, b => (float)BinaryPrimitives.ReadHalfLittleEndian(b)))
            yield return "float16";
        if (InInt8(content))
            yield return "int8";
    }

    private delegate float Reading(ReadOnlySpan<byte> bytes);

    private bool InNumbers(byte[] content, int width, Reading read)
    {
        float[] values = new float[content.Length / width];
        for (int offset = 0; offset < width; offset++)
        {
            int count = (content.Length - offset) / width, run = 0;
            for (int i = 0; i < count; i++)
            {
                float value = values[i] = read(content.AsSpan(offset + (i * width)));
                run = float.IsNormal(value) && MathF.Abs(value) < 1e6f ? run + 1 : 0;
                if (run >= Part && Resembles(values.AsSpan(i + 1 - Math.Min(run, Length), Math.Min(run, Length))))
                    return true;
            }
        }
        return false;
    }

    private bool InInt8(byte[] content)
    {
        float[] values = new float[ReachBytes + Length];
        ReadOnlySpan<sbyte> all = MemoryMarshal.Cast<byte, sbyte>(content);
        for (int from = 0; from + Part <= all.Length; from += ReachBytes)
        {
            ReadOnlySpan<sbyte> some = all.Slice(from, Math.Min(values.Length, all.Length - from));
            if (IsEmpty(some))
                continue;
            TensorPrimitives.ConvertTruncating<sbyte, float>(some, values);
            for (int i = 0; i + Part <= some.Length; i++)
            {
                if (Resembles(values.AsSpan(i, Math.Min(Length, some.Length - i))))
                    return true;
            }
        }
        return false;
    }

    private static bool IsEmpty(ReadOnlySpan<sbyte> bytes) => bytes.IndexOfAnyExcept((sbyte)0) < 0;

    private bool Resembles(ReadOnlySpan<float> values)
    {
        float first = TensorPrimitives.CosineSimilarity(values[..Part], face.AsSpan(0, Part));
        if (first >= Promising && values.Length == Length && TensorPrimitives.CosineSimilarity(values, face) >= Same)
            return true;
        if (first >= SamePart)
            return true;
        for (int part = Part; part < Length; part += Part)
        {
            if (TensorPrimitives.CosineSimilarity(values[..Part], face.AsSpan(part, Part)) >= SamePart)
                return true;
        }
        return false;
    }
}
