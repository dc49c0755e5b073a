using EdgeAgent.Vision.Matching;

namespace EdgeAgent.Benchmarks.Bench;

/// <summary>A question to the index. <c>Listed</c>: the entry that must be found, if any.</summary>
internal sealed record PlateQuery(string Text, float[] Confidence, int Doubted, int? Listed);

/// <summary>
/// Made-up plates: every entry's plate follows from its number and the seed, so that ten million need no memory beside the index that
/// is measured. Plates look like blue and green ones of all provinces; some stand on two lists.
/// </summary>
internal sealed class PlatesIndexFleet(int entries, int seed)
{
    private const string Provinces = "京沪津渝冀晋蒙辽吉黑苏浙皖闽赣鲁豫鄂湘粤桂琼川贵云藏陕甘青宁新";
    private const string Letters = "ABCDEFGHJKLMNPQRSTUVWXYZ", Marks = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ";
    private const int ListCount = 12;
    private const float Sure = 0.99f, Doubtful = 0.6f;

    // Entries from here on belong to no first build: deltas add them. Those that deltas remove are at the front.
    private int _removed;
    private int _added;

    public int Seed => seed;

    public IEnumerable<PlateListEntry> Entries() => Enumerable.Range(0, entries).Select(Entry);

    /// <summary>What an index after all deltas so far holds.</summary>
    public IEnumerable<PlateListEntry> Now() => Enumerable.Range(_removed, entries - _removed + _added).Select(Entry);

    public bool EverChanges(int entry) => entry < entries / 10 || entry >= entries;

    /// <summary>The next delta: as many of the oldest entries leave as new ones come.</summary>
    public PlateDelta Change(int number, int count)
    {
        int leave = Math.Min(count, (entries / 10) - _removed), from = _removed, to = entries + _added;
        _removed += leave;
        _added += count;
        return new PlateDelta
        {
            Removed = [.. Enumerable.Range(from, leave).Select(Entry)],
            Added = [.. Enumerable.Range(to, count).Select(Entry)],
        };
    }

    public IEnumerable<PlateQuery> Queries(int count, int querySeed)
    {
        var random = new Random(querySeed);
        for (int i = 0; i < count; i++)
        {
            int? listed = random.Next(2) == 0 ? random.Next(entries) : null;
            char[] text = PlateOf(listed is { } entry ? entry : entries + 1_000_000 + random.Next(1 << 29)).ToCharArray();
            float[] confidence = [.. text.Select(_ => Sure)];
            int doubted = random.Next(100) switch { < 70 => 0, < 90 => 1, < 98 => 3, _ => text.Length };
            int[] places = [.. Enumerable.Range(0, text.Length).OrderBy(_ => random.Next()).Take(doubted)];
            foreach (int place in places)
                confidence[place] = Doubtful;
            if (doubted > 0 && random.Next(3) == 0)
                text[places[0]] = Marks[random.Next(Marks.Length)];
            yield return new PlateQuery(new string(text), confidence, doubted, listed);
        }
    }

    private PlateListEntry Entry(int number) => new($"list-{Mix(number, 2) % ListCount:00}", number, PlateOf(number));

    private string PlateOf(int number)
    {
        // Every fiftieth is the plate of another entry, often on another list.
        ulong mixed = number % 50 == 49 ? Mix(number - 1 - (int)(Mix(number, 3) % 40), 1) : Mix(number, 1);
        int length = mixed % 5 == 0 ? 8 : 7;
        Span<char> text = stackalloc char[length];
        ulong rest = mixed >> 3;
        (text[0], rest) = (Provinces[(int)(rest % (ulong)Provinces.Length)], rest / (ulong)Provinces.Length);
        (text[1], rest) = (Letters[(int)(rest % (ulong)Letters.Length)], rest / (ulong)Letters.Length);
        for (int i = 2; i < length; i++)
            (text[i], rest) = (Marks[(int)(rest % (ulong)Marks.Length)], rest / (ulong)Marks.Length);
        return new string(text);
    }

    // SplitMix64's finish: every number to another, evenly.
    private ulong Mix(int number, ulong salt)
    {
        ulong z = unchecked((((ulong)(uint)seed << 32) | (uint)number) + (salt * 0x9E3779B97F4A7C15));
        z = unchecked((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9);
        z = unchecked((z ^ (z >> 27)) * 0x94D049BB133111EB);
        return z ^ (z >> 31);
    }
}
