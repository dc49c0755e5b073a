using System.Text;

namespace EdgeAgent.Agent.Terminal;

/// <summary>Names of the contract as the pages know them: WantedWarrant is wanted_warrant.</summary>
internal static class Words
{
    public static string Of<T>(T value)
        where T : struct, Enum
    {
        string name = value.ToString();
        var word = new StringBuilder(name.Length + 4);
        foreach (char c in name)
        {
            if (char.IsAsciiLetterUpper(c) && word.Length > 0)
                _ = word.Append('_');
            _ = word.Append(char.ToLowerInvariant(c));
        }
        return word.ToString();
    }
}
