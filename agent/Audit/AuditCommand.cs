using EdgeAgent.DispatchClient.Identity;

namespace EdgeAgent.Agent.Audit;

/// <summary>`audit verify --data DIR [--identity DIR] [--head SEQUENCE:HEX]`: walks the chain and says whether it is whole.</summary>
internal static class AuditCommand
{
    /// <returns>0 whole, 1 not, 2 asked wrongly.</returns>
    public static int Verify(string data, string? identity, string? head, TextWriter output)
    {
        string path = Path.Combine(data, "audit", "audit.log");
        ChainHead? expected = null;
        if (head is not null && (expected = Parse(head)) is null)
        {
            output.WriteLine($"--head {head} is not SEQUENCE:HEX, such as 12:{new string('0', 64)}.");
            return 2;
        }
        if (!File.Exists(path))
        {
            output.WriteLine($"{path} is missing: name the car's data folder with --data.");
            return 2;
        }
        using UnitIdentity unit = UnitIdentity.Load(identity ?? Path.Combine(data, "identity"));
        using FileStream file = File.Open(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        ChainVerdict verdict = AuditChain.Verify(file, unit.Certificate, expected);
        output.WriteLine(verdict.Whole ? $"whole: {verdict.Head}" : $"not whole ({verdict.Code}): {verdict.Sentence}");
        return verdict.Whole ? 0 : 1;
    }

    private static ChainHead? Parse(string head)
    {
        string[] parts = head.Split(':');
        return parts.Length == 2 && ulong.TryParse(parts[0], out ulong sequence) && parts[1].Length == 64 && parts[1].All(char.IsAsciiHexDigit)
            ? new ChainHead(sequence, Convert.FromHexString(parts[1]))
            : null;
    }
}
