using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using EdgeAgent.AuditVerifier;

const string Usage = """
    Walks a car's audit chain and names the first wrong record. Needs nothing of the car but these files.

    audit-verifier CHAIN --certificate FILE [--certificate FILE …] [--head SEQUENCE:HEX …] [--face-ms N] [--plate-ms N] [--json]

      CHAIN          audit.log, or the car's data folder
      --certificate  the unit's certificate, PEM; one for each that the unit had while the chain was written
      --head         what somebody outside holds of the chain (the centre: command-centre units heads); finds a tail cut off
      --face-ms      longest that a face on no list may be held, milliseconds. Default 10000
      --plate-ms     the same for a plate. Default 180000
      --json         one JSON line

    Example: audit-verifier /var/lib/edge-agent --certificate /var/lib/edge-agent/identity/unit.crt --head 812:9f…

    Exit codes: 0 whole and every deletion receipt in order; 1 not whole; 2 asked wrongly; 3 whole, but a receipt does not balance or
    shows somebody held for too long.
    """;

List<string> files = [], certificates = [], heads = [];
(bool json, ulong faceMs, ulong plateMs) = (false, 10_000, 180_000);
for (int i = 0; i < args.Length; i++)
{
    string? value = i + 1 < args.Length ? args[i + 1] : null;
    switch (args[i])
    {
        case "--help" or "-h":
            Console.WriteLine(Usage);
            return 0;
        case "--json":
            json = true;
            break;
        case "--certificate" when value is not null:
            certificates.Add(args[++i]);
            break;
        case "--head" when value is not null:
            heads.Add(args[++i]);
            break;
        case "--face-ms" when ulong.TryParse(value, out faceMs):
        case "--plate-ms" when ulong.TryParse(value, out plateMs):
            i++;
            break;
        case var other when !other.StartsWith("--", StringComparison.Ordinal):
            files.Add(other);
            break;
        default:
            return Ask($"'{args[i]}' is not understood here.");
    }
}
if (files.Count != 1 || certificates.Count == 0)
    return Ask("One chain and at least one --certificate are needed.");
if (heads.Find(h => Head.Parse(h) is null) is { } badHead)
    return Ask($"--head {badHead} is not SEQUENCE:HEX.");
try
{
    string path = Directory.Exists(files[0]) ? Path.Combine(files[0], "audit", "audit.log") : files[0];
    var account = new Account(faceMs, plateMs);
    var chain = new Chain([.. certificates.Select(c => X509Certificate2.CreateFromPem(File.ReadAllText(c)))], [.. heads.Select(h => Head.Parse(h)!)], account.Add);
    long began = Stopwatch.GetTimestamp();
    using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 1 << 16);
    Finding finding = chain.Verify(file);
    Print(finding, account, Stopwatch.GetElapsedTime(began).TotalMilliseconds);
    return !finding.IsWhole ? 1 : account.IsInOrder ? 0 : 3;
}
catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException or EdgeAgent.AuditVerifier.FormatException)
{
    return Ask(e.Message);
}

int Ask(string sentence)
{
    Console.Error.WriteLine($"{sentence} See --help.");
    return 2;
}

void Print(Finding finding, Account account, double ms)
{
    if (json)
    {
        Console.WriteLine(JsonSerializer.Serialize(new
        {
            whole = finding.IsWhole,
            finding.Code,
            finding.AtRecord,
            finding.AtByte,
            records = finding.End.Sequence,
            head = finding.End.ToString(),
            account.FirstUnixMs,
            account.LastUnixMs,
            account.Kinds,
            account.Receipts,
            account.Faces,
            account.Plates,
            account.AssistOldestMs,
            account.Unbalanced,
            account.KeptTooLong,
            ms = Math.Round(ms, 1),
        }, new JsonSerializerOptions(JsonSerializerDefaults.Web)));
        return;
    }
    Console.WriteLine(finding.IsWhole
        ? $"完整 whole: {finding.End}"
        : $"不完整 not whole ({finding.Code}): record {finding.AtRecord}, at byte {finding.AtByte}. {Explain(finding)}");
    Console.WriteLine($"  {finding.End.Sequence} records, {Time(account.FirstUnixMs)} to {Time(account.LastUnixMs)}, {ms:0} ms");
    Console.WriteLine($"  {string.Join(", ", account.Kinds.Select(k => $"{k.Key} {k.Value}"))}");
    Console.WriteLine($"  {account.Receipts} deletion receipts. faces: {Words(account.Faces)}. plates: {Words(account.Plates)}. assist: oldest ever {account.AssistOldestMs} ms");
    foreach (ulong at in account.Unbalanced)
        Console.WriteLine($"  ✗ record {at}: what was held, seen, matched and deleted does not add up");
    foreach (ulong at in account.KeptTooLong)
        Console.WriteLine($"  ✗ record {at}: somebody on no list was held for longer than {faceMs} ms (faces), {plateMs} ms (plates) or {Account.MostAssistMs} ms (assist)");
}

static string Words(Kept kept) => $"{kept.Seen} seen, {kept.Matched} matched, {kept.Deleted} deleted, {kept.Held} held at the end, oldest ever {kept.OldestMs} ms";

static string Time(long unixMs) => unixMs == 0 ? "-" : DateTimeOffset.FromUnixTimeMilliseconds(unixMs).ToString("u");

static string Explain(Finding finding) => finding.Code switch
{
    "edited" => "It does not follow from the one before: something here was changed, dropped or put elsewhere.",
    "bad_signature" => "It is not signed by the unit's key.",
    "gap" => "Its number is not the next one: records were dropped or put elsewhere.",
    "torn_tail" => "It is cut short: a power cut while it was written, or the end was cut off.",
    "cut_off" => "The chain ends before it; somebody outside holds its hash.",
    "other_history" => "It is not the one that somebody outside holds the hash of.",
    _ => "These bytes are no audit record.",
};
