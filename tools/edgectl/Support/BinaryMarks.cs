using System.Runtime.InteropServices;

namespace EdgeAgent.Edgectl.Support;

/// <summary>Pictures, video and face templates by their bytes.</summary>
internal static class BinaryMarks
{
    // ArcFace's: 512 float32, L2-normalised (models/cards).
    private const int TemplateFloats = 512, LeastNonZero = 400;
    private const float NormTolerance = 0.02f;

    private static readonly (byte[] Mark, string Kind)[] Marks =
    [
        ([0xFF, 0xD8, 0xFF], SecretKinds.Picture),
        ([0x89, (byte)'P', (byte)'N', (byte)'G'], SecretKinds.Picture),
        ([.. "WEBPVP8"u8], SecretKinds.Picture),
        ([.. "ftypiso"u8], SecretKinds.Video), ([.. "ftypmp4"u8], SecretKinds.Video), ([.. "ftypavc"u8], SecretKinds.Video), ([.. "ftypM4"u8], SecretKinds.Video),
        ([.. "ftypheic"u8], SecretKinds.Picture),
        ([.. "moofmfhd"u8], SecretKinds.Video),
        ([0, 0, 0, 1, 0x67], SecretKinds.Video), ([0, 0, 0, 1, 0x40, 0x01], SecretKinds.Video),
    ];

    public static void LookAt(ReadOnlySpan<byte> bytes, ISet<string> found)
    {
        foreach ((byte[] mark, string kind) in Marks)
            if (bytes.IndexOf(mark) >= 0)
                _ = found.Add(kind);
        // A fragment's head: the box's length stands between its name and the next one's.
        if (bytes.IndexOf("moof"u8) is >= 4 and var moof && bytes[moof..].IndexOf("mfhd"u8) is > 0 and <= 16)
            _ = found.Add(SecretKinds.Video);
        for (int shift = 0; shift < sizeof(float) && bytes.Length - shift >= TemplateFloats * sizeof(float); shift++)
            if (HoldsTemplate(MemoryMarshal.Cast<byte, float>(bytes[shift..])))
                _ = found.Add(SecretKinds.FaceTemplate);
    }

    private static bool HoldsTemplate(ReadOnlySpan<float> values)
    {
        double sum = 0;
        int plausible = 0, nonZero = 0;
        for (int i = 0; i < values.Length; i++)
        {
            float value = values[i];
            if (!(Math.Abs(value) <= 1))
            {
                (sum, plausible, nonZero) = (0, 0, 0);
                continue;
            }
            (sum, plausible) = (sum + ((double)value * value), plausible + 1);
            nonZero += value == 0 ? 0 : 1;
            if (plausible > TemplateFloats)
            {
                float gone = values[i - TemplateFloats];
                (sum, nonZero) = (sum - ((double)gone * gone), nonZero - (gone == 0 ? 0 : 1));
            }
            if (plausible >= TemplateFloats && nonZero >= LeastNonZero && Math.Abs(sum - 1) < NormTolerance)
                return true;
        }
        return false;
    }
}
