namespace EdgeAgent.Chaos.Power;

/// <summary>One file's bytes: those that are safe, and what was done since the last sync.</summary>
internal sealed class StoredBytes(byte[] safe)
{
    private const int SectorBytes = 512;
    private readonly List<Change> pending = [];
    private byte[] safe = safe;

    /// <summary>Length as a reader sees it now.</summary>
    public long LiveLength { get; private set; } = safe.Length;

    public void Write(long offset, byte[] data)
    {
        pending.Add(new Change(offset, data));
        LiveLength = Math.Max(LiveLength, offset + data.Length);
    }

    public void Resize(long sizeBytes)
    {
        pending.Add(new Change(sizeBytes, null));
        LiveLength = sizeBytes;
    }

    public void Sync()
    {
        if (pending.Count == 0)
            return;
        var all = new MemoryImage(safe);
        foreach (Change change in pending)
            all.Apply(change);
        safe = all.ToArray();
        pending.Clear();
    }

    public byte[] After(Survival survival, Random random)
    {
        if (survival == Survival.Nothing || pending.Count == 0)
            return safe;
        var image = new MemoryImage(safe);
        int until = survival == Survival.Beginning ? random.Next(pending.Count + 1) : pending.Count;
        double chance = random.NextDouble();
        foreach (Change change in pending.Take(until))
        {
            if (survival != Survival.Sectors)
                image.Apply(change);
            // Blocks written after a change of size that was lost would have had nowhere to go.
            else if (change.Data is null && random.NextDouble() >= chance)
                break;
            else
                image.ApplySectors(change, chance, random);
        }
        return image.ToArray();
    }

    /// <summary>A write, or, without data, a change of size.</summary>
    private readonly record struct Change(long Offset, byte[]? Data);

    private sealed class MemoryImage(byte[] from)
    {
        private byte[] bytes = [.. from];
        private int length = from.Length;

        public byte[] ToArray() => bytes.Length == length ? bytes : bytes[..length];

        public void Apply(Change change)
        {
            if (change.Data is { } data)
                Put(change.Offset, data);
            else
                SetLength((int)change.Offset);
        }

        public void ApplySectors(Change change, double chance, Random random)
        {
            if (change.Data is not { } data)
            {
                SetLength((int)change.Offset);
                return;
            }
            for (int from = 0; from < data.Length;)
            {
                int to = Math.Min(data.Length, from + SectorBytes - (int)((change.Offset + from) % SectorBytes));
                if (random.NextDouble() < chance)
                    Put(change.Offset + from, data.AsSpan(from, to - from));
                from = to;
            }
        }

        private void Put(long offset, ReadOnlySpan<byte> data)
        {
            if (offset + data.Length > length)
                SetLength((int)offset + data.Length);
            data.CopyTo(bytes.AsSpan((int)offset));
        }

        private void SetLength(int size)
        {
            if (size > bytes.Length)
                Array.Resize(ref bytes, Math.Max(size, Math.Min(bytes.Length * 2, bytes.Length + (1 << 20))));
            if (size > length)
                bytes.AsSpan(length, size - length).Clear();
            length = size;
        }
    }
}
