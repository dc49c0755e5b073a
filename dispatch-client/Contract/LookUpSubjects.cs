using System.Globalization;
using System.Text.RegularExpressions;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Contract;

/// <summary>What can be looked up, in the one way of writing it that is sent, stored and compared.</summary>
public static partial class LookUpSubjects
{
    private const int MostCharacters = 64;

    // ISO 7064 MOD 11-2, as GB 11643 has it: a digit's weight is 2^(17-place) modulo 11.
    private const string CheckCharacters = "10X98765432";

    /// <summary>A plate without the separators that people write: 京A·12345 is 京A12345.</summary>
    public static string BarePlate(string written)
    {
        ArgumentNullException.ThrowIfNull(written);
        return string.Concat(written.Where(c => !char.IsWhiteSpace(c) && c is not ('·' or '•' or '-'))).ToUpperInvariant();
    }

    /// <summary>The normalised subject, or null where there can be no such plate or document.</summary>
    public static string? Normalise(LookUpKind kind, string written)
    {
        ArgumentNullException.ThrowIfNull(written);
        if (written.Length > MostCharacters)
            return null;
        var bare = BarePlate(written);
        return kind switch
        {
            LookUpKind.Plate when Plate().IsMatch(bare) => bare,
            LookUpKind.Document when IsDocument(bare) => bare,
            _ => null,
        };
    }

    private static bool IsDocument(string number)
    {
        if (!Document().IsMatch(number)
            || !DateOnly.TryParseExact(number.AsSpan(6, 8), "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var born)
            || born.Year < 1900)
            return false;
        var sum = 0;
        for (var place = 0; place < 17; place++)
            sum += (number[place] - '0') * ((1 << (17 - place)) % 11);
        return CheckCharacters[sum % 11] == number[17];
    }

    // \z: $ would let a line break pass behind the last character.
    [GeneratedRegex(@"^[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使][A-Z0-9][A-Z0-9]{4,5}[A-Z0-9警学挂领港澳]\z", RegexOptions.CultureInvariant)]
    private static partial Regex Plate();

    [GeneratedRegex(@"^[1-9][0-9]{16}[0-9X]\z", RegexOptions.CultureInvariant)]
    private static partial Regex Document();
}
