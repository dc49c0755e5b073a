namespace EdgeAgent.Vision.Matching;

/// <summary>What is known of a list of the index.</summary>
internal readonly record struct PlateListFacts(string ListId, int Count, int Unreadable);

/// <summary>The lists of an index by the number that their rows bear. A number without a list: its rows no longer count. Immutable.</summary>
internal sealed class PlateLists(PlateListFacts?[] facts)
{
    public static PlateLists Empty { get; } = new([]);

    public int Numbers => facts.Length;

    public int Count => facts.Sum(f => f?.Count ?? 0);

    public int Unreadable => facts.Sum(f => f?.Unreadable ?? 0);

    public bool IsLive(ushort number) => facts[number] is not null;

    public string? IdOf(ushort number) => facts[number]?.ListId;

    public Draft Change() => new([.. facts]);

    /// <summary>The lists while they change.</summary>
    internal sealed class Draft(List<PlateListFacts?> facts)
    {
        private readonly Dictionary<string, ushort> _numbers = facts.Select((f, i) => (f, i)).Where(p => p.f is not null)
            .ToDictionary(p => p.f!.Value.ListId, p => (ushort)p.i);

        public void End(string listId)
        {
            if (_numbers.Remove(listId, out ushort number))
                facts[number] = null;
        }

        public ushort? Find(string listId) => _numbers.TryGetValue(listId, out ushort number) ? number : null;

        /// <param name="isFree">Whether an ended list's number is on no row any more.</param>
        /// <exception cref="ArgumentException">There are more lists than numbers.</exception>
        public ushort Open(string listId, Func<ushort, bool> isFree)
        {
            ArgumentNullException.ThrowIfNull(listId);
            if (_numbers.TryGetValue(listId, out ushort known))
                return known;
            int number = 0;
            while (number < facts.Count && (facts[number] is not null || !isFree((ushort)number)))
                number++;
            if (number > ushort.MaxValue)
                throw new ArgumentException($"an index holds {ushort.MaxValue + 1} lists at most");
            if (number == facts.Count)
                facts.Add(null);
            facts[number] = new PlateListFacts(listId, 0, 0);
            _numbers.Add(listId, (ushort)number);
            return (ushort)number;
        }

        public void Add(ushort number, int rows, int unreadable)
        {
            PlateListFacts now = facts[number]!.Value;
            facts[number] = now with { Count = now.Count + rows, Unreadable = Math.Max(0, now.Unreadable + unreadable) };
        }

        public PlateLists ToLists() => new([.. facts]);
    }
}
