namespace EdgeAgent.Vision.Plates;

/// <summary>
/// Joins the reads of one visit: what each says of each character is pooled (a product of experts, the clearer frame counting more),
/// and the likeliest text that <see cref="PlateGrammar"/> allows comes out, whatever went in. The order of the reads does not matter.
/// Not thread-safe.
/// </summary>
public sealed class PlateVote
{
    /// <summary>Reads kept; of more, those of least weight are forgotten.</summary>
    public const int MostReads = 24;

    /// <summary>Frames of one visit share their angle and their dirt: two say less than twice what one says.</summary>
    private const float Independence = 0.6f;

    /// <summary>A read of another length says less of where its characters stand.</summary>
    private const float OtherLength = 0.5f;

    /// <summary>However sure a read is, it may have mistaken a character: this much is left for the others.</summary>
    private const float LeastDoubt = 0.02f;

    /// <summary>Of what a read leaves open, this share goes to the rivals that it names, the rest to all characters alike.</summary>
    private const float RivalShare = 0.7f;

    /// <summary>One read alone settles nothing when the plate was narrower than this: a far one may be read crisply and wrong.</summary>
    private const float AloneWidthPx = 64;

    private const int MostRivals = 3;
    private const float LeastRival = 0.003f;

    private readonly List<(PlateRead Read, float Weight)> _reads = [];
    private readonly Dictionary<char, float>[] _pool = [.. Enumerable.Range(0, PlateGrammar.MaxLength).Select(_ => new Dictionary<char, float>())];

    /// <summary>Reads counted so far.</summary>
    public int Votes { get; private set; }

    /// <summary>Counts a read by its <see cref="PlateRead.Quality"/>; one that is no plate's text or no number's confidence does not count.</summary>
    public void Add(PlateRead read)
    {
        ArgumentNullException.ThrowIfNull(read);
        float weight = read.Quality;
        if (!(weight > 0) || !float.IsFinite(weight) || read.CharacterConfidence.Length != read.Text.Length || !PlateGrammar.Fits(read.Text)
            || Array.Exists(read.CharacterConfidence, static c => !float.IsFinite(c)))
            return;
        Votes++;
        if (_reads.Count == MostReads)
        {
            int least = 0;
            for (int i = 1; i < _reads.Count; i++)
                if (Order(_reads[i], _reads[least]) < 0)
                    least = i;
            if (Order((read, weight), _reads[least]) <= 0)
                return;
            _reads.RemoveAt(least);
        }
        _reads.Add((read, weight));
    }

    /// <summary>What the reads say together; null before the first.</summary>
    public PlateConsensus? Consensus(PlateCalibration calibration)
    {
        ArgumentNullException.ThrowIfNull(calibration);
        if (_reads.Count == 0)
            return null;
        // Sums of floats depend on their order, and the order of frames must not matter.
        _reads.Sort(Order);
        string reference = Reference();
        Pool(reference);
        var (text, kind) = Likeliest(reference.Length);
        var share = new float[text.Length];
        Span<char> second = stackalloc char[text.Length];
        Span<float> behind = stackalloc float[text.Length];
        for (int i = 0; i < share.Length; i++)
            share[i] = Share(i, text[i], PlateGrammar.SetsOf(kind)[i], out second[i], out behind[i]);
        float[] features = Features(text, share);
        float confidence = calibration.OfVisit(features);
        // Shares say which character is in doubt, the calibration how much doubt there is in all: their product becomes the confidence.
        float product = share.Aggregate(1f, static (p, s) => p * s);
        float bend = product is > 0 and < 1 ? MathF.Log(Math.Max(confidence, 1e-6f)) / MathF.Log(product) : 1;
        var sure = new float[share.Length];
        for (int i = 0; i < sure.Length; i++)
            sure[i] = MathF.Pow(share[i], bend);
        return new PlateConsensus(
            text, sure, Rivals(text, second, behind, confidence), Class(kind), TwoRow(), Votes, confidence,
            Sure: confidence >= calibration.Sure && (Votes > 1 || _reads[0].Read.Corners.Width >= AloneWidthPx))
        {
            Features = features,
        };
    }

    private static int Order((PlateRead Read, float Weight) a, (PlateRead Read, float Weight) b)
    {
        int order = a.Weight.CompareTo(b.Weight);
        if (order == 0)
            order = string.CompareOrdinal(a.Read.Text, b.Read.Text);
        for (int i = 0; order == 0 && i < a.Read.CharacterConfidence.Length; i++)
            order = a.Read.CharacterConfidence[i].CompareTo(b.Read.CharacterConfidence[i]);
        return order != 0 ? order : a.Read.Confidence.CompareTo(b.Read.Confidence);
    }

    private static float Trust(PlateRead read) => float.IsFinite(read.Confidence) ? Math.Clamp(read.Confidence, 0.01f, 1) : 0.01f;

    /// <summary>The most trusted text of the most trusted length.</summary>
    private string Reference()
    {
        Span<float> lengths = stackalloc float[PlateGrammar.MaxLength + 1];
        foreach (var (read, weight) in _reads)
            lengths[read.Text.Length] += weight * Trust(read);
        int length = 0;
        for (int i = 1; i < lengths.Length; i++)
            if (lengths[i] > lengths[length])
                length = i;
        string? best = null;
        float most = -1;
        foreach (var (read, weight) in _reads)
            if (read.Text.Length == length && weight * Trust(read) > most)
                (best, most) = (read.Text, weight * Trust(read));
        return best!;
    }

    private void Pool(string reference)
    {
        foreach (var characters in _pool)
            characters.Clear();
        float power = MathF.Pow(_reads.Count, Independence - 1);
        Span<int> places = stackalloc int[PlateGrammar.MaxLength];
        foreach (var (read, weight) in _reads)
        {
            bool same = read.Text.Length == reference.Length;
            if (!same)
                PlateAlignment.Align(read.Text, reference, places);
            for (int i = 0; i < read.Text.Length; i++)
            {
                int place = same ? i : places[i];
                if (place >= 0)
                    Count(_pool[place], read, i, weight * power * (same ? 1 : OtherLength));
            }
        }
    }

    /// <summary>
    /// Adds the logarithm of a read's distribution over the characters, relative to what it leaves for any character that it did not
    /// name, so that only named ones need a place.
    /// </summary>
    private static void Count(Dictionary<char, float> characters, PlateRead read, int position, float weight)
    {
        const int Others = 33;
        float sure = Math.Min(Math.Max(read.CharacterConfidence[position], 1f / Others), 1 - LeastDoubt), open = 1 - sure;
        float named = 0;
        foreach (var (text, belief) in read.Rivals)
            if (Names(text, belief, read, position))
                named += belief;
        float floor = open * (named > 0 ? 1 - RivalShare : 1) / Others;
        Raise(characters, read.Text[position], weight * MathF.Log(Math.Max(sure, floor) / floor));
        if (named <= 0)
            return;
        for (int r = 0; r < read.Rivals.Count; r++)
        {
            var (text, belief) = read.Rivals[r];
            if (!Names(text, belief, read, position) || Earlier(read, r, position))
                continue;
            float together = 0;
            foreach (var (other, share) in read.Rivals)
                if (Names(other, share, read, position) && other[position] == text[position])
                    together += share;
            Raise(characters, text[position], weight * MathF.Log(1 + open * RivalShare * together / named / floor));
        }
    }

    /// <summary>A rival of the same length that has another character here.</summary>
    private static bool Names(string rival, float belief, PlateRead read, int position) =>
        rival.Length == read.Text.Length && rival[position] != read.Text[position] && belief > 0 && float.IsFinite(belief);

    private static bool Earlier(PlateRead read, int rival, int position)
    {
        for (int r = 0; r < rival; r++)
            if (Names(read.Rivals[r].Text, read.Rivals[r].Confidence, read, position) && read.Rivals[r].Text[position] == read.Rivals[rival].Text[position])
                return true;
        return false;
    }

    private static void Raise(Dictionary<char, float> sums, char key, float by) => sums[key] = sums.GetValueOrDefault(key) + by;

    /// <summary>Positions are independent, so the best text of a kind is the best character of each of its sets.</summary>
    private (string Text, PlateKind Kind) Likeliest(int length)
    {
        string best = "";
        var bestKind = PlateKind.Ordinary;
        float most = float.NegativeInfinity;
        Span<char> text = stackalloc char[length];
        foreach (var kind in Enum.GetValues<PlateKind>())
        {
            var sets = PlateGrammar.SetsOf(kind);
            if (sets.Count != length)
                continue;
            float sum = 0.1f * PlateGrammar.LogPrior(kind);
            for (int i = 0; i < length; i++)
                sum += Best(_pool[i], sets[i], out text[i]);
            if (sum > most)
                (best, bestKind, most) = (text.ToString(), kind, sum);
        }
        return (best, bestKind);
    }

    private static float Best(Dictionary<char, float> characters, string set, out char best)
    {
        best = set[0];
        float most = 0;
        foreach (var (character, sum) in characters)
            if ((sum > most || (sum == most && character < best && most > 0)) && set.Contains(character, StringComparison.Ordinal))
                (best, most) = (character, sum);
        return most;
    }

    /// <summary>Softmax over a position's set: the winner's share, and the best of the others with what it has of the winner's.</summary>
    private float Share(int position, char winner, string set, out char second, out float behind)
    {
        float top = _pool[position].GetValueOrDefault(winner), next = 0, all = 0;
        second = winner;
        int named = 0;
        foreach (var (character, sum) in _pool[position])
        {
            if (!set.Contains(character, StringComparison.Ordinal))
                continue;
            named++;
            all += MathF.Exp(sum - top);
            if (character != winner && (second == winner || sum > next || (sum == next && character < second)))
                (second, next) = (character, sum);
        }
        bool isNamed = _pool[position].ContainsKey(winner);
        all += (set.Length - named - (isNamed ? 0 : 1)) * MathF.Exp(-top) + (isNamed ? 0 : 1);
        behind = second == winner ? 0 : MathF.Exp(next - top);
        return 1 / all;
    }

    private float[] Features(string text, float[] share)
    {
        float best = 0, agree = 0, all = 0, width = 0;
        foreach (var (read, weight) in _reads)
        {
            all += weight;
            width = Math.Max(width, read.Corners.Width);
            if (read.Text != text)
                continue;
            agree += weight;
            best = Math.Max(best, Trust(read));
        }
        return
        [
            PlateCalibration.Logit(share.Min()), PlateCalibration.Logit(best), agree / all, MathF.Log(_reads.Count),
            MathF.Log(Math.Max(width, 1) / 80),
        ];
    }

    /// <summary>The texts that differ where the vote was closest, and what frames read that lost.</summary>
    private List<(string Text, float Confidence)> Rivals(string winner, ReadOnlySpan<char> second, ReadOnlySpan<float> behind, float confidence)
    {
        var rivals = new Dictionary<string, float>();
        for (int i = 0; i < winner.Length; i++)
        {
            if (second[i] == winner[i])
                continue;
            string text = string.Concat(winner.AsSpan(0, i), [second[i]], winner.AsSpan(i + 1));
            if (PlateGrammar.Fits(text))
                rivals[text] = confidence * behind[i];
        }
        float all = _reads.Sum(static r => r.Weight);
        foreach (var (read, weight) in _reads)
            if (read.Text != winner)
                rivals[read.Text] = Math.Min(1 - confidence, rivals.GetValueOrDefault(read.Text) + Trust(read) * weight / all);
        return [.. rivals.Where(r => r.Value >= LeastRival).OrderByDescending(r => r.Value).ThenBy(r => r.Key, StringComparer.Ordinal).Take(MostRivals).Select(r => (r.Key, r.Value))];
    }

    private PlateClass Class(PlateKind kind)
    {
        Span<float> seen = stackalloc float[Enum.GetValues<PlateClass>().Length];
        foreach (var (read, weight) in _reads)
            seen[(int)read.Class] += weight;
        // The colours as the frames saw them; a kind that bears one colour only overrules them.
        Span<float> colours =
        [
            seen[(int)PlateClass.Blue], seen[(int)PlateClass.Green], seen[(int)PlateClass.Yellow] + seen[(int)PlateClass.YellowTwoRow],
            seen[(int)PlateClass.White], seen[(int)PlateClass.Black],
        ];
        return PlateClasses.Of(kind, colours, TwoRow());
    }

    private bool TwoRow()
    {
        float sum = 0;
        foreach (var (read, weight) in _reads)
            sum += read.TwoRow ? weight : -weight;
        return sum > 0;
    }
}
