using System.Diagnostics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using EdgeAgent.Vision.Matching;

namespace EdgeAgent.Benchmarks.Bench;

/// <summary>One batch size. Times are medians of a search for the whole batch; ranges are the fastest and slowest.</summary>
internal sealed record FacesBatch(
    int Batch, double OursMs, double FaissMs, double Ratio, double OursFastestMs, double FaissFastestMs, int Rounds, int FaissBlasFrom,
    string FaissEnvironment, string FaissKernel, IReadOnlyDictionary<string, double> FaissTriedMs);

/// <summary>What <c>bench faces-index</c> prints: of the batch sizes the one with the worse ratio, then each.</summary>
internal sealed record FacesIndexFigures(
    int Entries, int Dim, double OursMs, double FaissMs, double Ratio, double OursMb, double FaissMb, double MbRatio, double Top1Equal,
    int Top1Different, double Top1WidestGap, double SimilarityRmsError, int Queries, FacesBatch Batch_1, FacesBatch Batch_16, IReadOnlyDictionary<string, double> KernelsMs,
    string Kernel, double BuildMs, double DeltaMs, string Peer, string PeerBlas, int PeerThreads, int Core, int Seed, string Machine);

/// <summary>
/// The face index beside FAISS's flat one: same vectors, same core, turn by turn. Of FAISS's settings that could be faster (its own
/// loop or BLAS for a batch, OpenBLAS as the environment tunes it or as it chooses itself) the fastest counts. The vectors are random:
/// nobody's face. Queries: half near a listed one at cosines of 0.3 to 0.9, half strangers.
/// </summary>
internal static class FacesIndexBench
{
    private const int Dimension = FaceIndex.Dimension, Queries = 10_000, LargeBatch = 16, Rounds = 25, Tries = 5;
    private static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(1);
    private const int OwnLoop = 20, Blas = 1;

    public static FacesIndexFigures Run(int entries, int seed, TextWriter progress)
    {
        int core = Environment.ProcessorCount - 1;
        // This thread and what it starts. The runtime's other threads are not in the way of it.
        Process.GetCurrentProcess().ProcessorAffinity = 1 << core;
        var vectors = new FaceVectors(entries, Queries, seed);
        (string, string)[] ids = [.. Enumerable.Range(0, entries).Select(i => ($"list-{i % 7}", $"entry-{i:000000}"))];
        long before = GC.GetTotalMemory(forceFullCollection: true);
        var clock = Stopwatch.StartNew();
        FaceIndex index = FaceIndex.Build(ids, vectors.Templates);
        double buildMs = clock.Elapsed.TotalMilliseconds;
        double mb = (GC.GetTotalMemory(forceFullCollection: true) - before) / 1e6;
        progress.WriteLine($"  {entries} faces built in {buildMs / 1000:0.0} s, {mb:0.0} MB");

        string folder = Directory.CreateTempSubdirectory("faces-index-").FullName;
        var peers = new List<FacesIndexPeer>();
        try
        {
            string file = Path.Combine(folder, "vectors.f32");
            vectors.Save(file);
            peers.Add(FacesIndexPeer.Start(file, entries, Queries, Dimension, keepTuning: false));
            if (FacesIndexPeer.IsTuned)
                peers.Add(FacesIndexPeer.Start(file, entries, Queries, Dimension, keepTuning: true));
            if (peers.Any(p => p.Facts.Cores is not [var only] || only != core))
                throw new InputException($"The peer could not be bound to core {core}.");
            FacesBatch one = Compare(index, vectors, peers, 1, progress), many = Compare(index, vectors, peers, LargeBatch, progress);
            FacesBatch worse = one.Ratio >= many.Ratio ? one : many;
            FacesIndexPeer fastest = peers.First(p => p.Environment == many.FaissEnvironment);
            (int different, double gap, double error) = Differences(index, vectors, fastest.Top1(many.FaissBlasFrom, Path.Combine(folder, "top1.i32")), progress);
            double faissMb = fastest.Facts.Bytes / 1e6;
            return new FacesIndexFigures(
                entries, Dimension, worse.OursMs, worse.FaissMs, worse.Ratio, Round(mb), Round(faissMb), Round(mb / faissMb),
                1 - ((double)different / Queries), different, gap, error, Queries, one, many, Kernels(index, vectors), FaceKernel.Best.Name, Round(buildMs),
                Round(DeltaMs(index, ids, vectors)), $"faiss {fastest.Facts.Version} IndexFlatIP ({fastest.Facts.Build})", fastest.Facts.Blas,
                fastest.Facts.Threads, core, seed, Machines.Describe());
        }
        finally
        {
            peers.ForEach(p => p.Dispose());
            Directory.Delete(folder, recursive: true);
        }
    }

    private static FacesBatch Compare(FaceIndex index, FaceVectors vectors, List<FacesIndexPeer> peers, int batch, TextWriter progress)
    {
        var tried = new Dictionary<string, double>();
        (FacesIndexPeer Peer, int Threshold, double Ms) best = (peers[0], Blas, double.PositiveInfinity);
        foreach (FacesIndexPeer peer in peers)
        {
            foreach (int threshold in (int[])[OwnLoop, Blas])
            {
                double ms = Enumerable.Range(0, Tries).Select(i => peer.TimeMs(batch, i * batch, threshold)).Min();
                tried[$"{(threshold == Blas ? "blas" : "own loop")}, {peer.Facts.Kernel}, {peer.Environment}"] = Round(ms);
                if (ms < best.Ms)
                    best = (peer, threshold, ms);
            }
        }
        var (ours, theirs) = (new double[Rounds], new double[Rounds]);
        var search = new Searcher(index, batch);
        // The peer is compiled ahead; ours is by now in its first, slow form, and the compiler works beside it on this one core.
        for (var warming = Stopwatch.StartNew(); warming.Elapsed < s_warmUp;)
            search.Run(vectors.Query(0, batch));
        for (int round = 0; round < Rounds; round++)
        {
            int from = round * batch % (Queries - batch);
            theirs[round] = best.Peer.TimeMs(batch, from, best.Threshold);
            long started = Stopwatch.GetTimestamp();
            search.Run(vectors.Query(from, batch));
            ours[round] = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        }
        double oursMs = Percentiles.Of(ours, 0.5), theirsMs = Percentiles.Of(theirs, 0.5);
        progress.WriteLine($"  batch {batch}: {oursMs:0.00} ms, FAISS {theirsMs:0.00} ms");
        return new FacesBatch(
            batch, Round(oursMs), Round(theirsMs), Round(oursMs / theirsMs), Round(ours.Min()), Round(theirs.Min()), Rounds, best.Threshold,
            best.Peer.Environment, best.Peer.Facts.Kernel, tried);
    }

    /// <summary>
    /// How many queries have another best face than FAISS says, how far apart the two are at most in double precision, and how far
    /// our similarities are from those of the given vectors.
    /// </summary>
    private static (int Different, double Gap, double RmsError) Differences(FaceIndex index, FaceVectors vectors, int[] theirs, TextWriter progress)
    {
        var search = new Searcher(index, LargeBatch);
        int different = 0;
        double widest = 0, squares = 0;
        for (int from = 0; from < Queries; from += LargeBatch)
        {
            search.Run(vectors.Query(from, LargeBatch));
            for (int i = 0; i < LargeBatch; i++)
            {
                int ours = int.Parse(search.Matches[i].EntryId.AsSpan("entry-".Length));
                double error = search.Matches[i].Similarity - vectors.Product(ours, from + i);
                squares += error * error;
                if (ours == theirs[from + i])
                    continue;
                different++;
                double gap = vectors.Product(theirs[from + i], from + i) - vectors.Product(ours, from + i);
                widest = Math.Max(widest, Math.Abs(gap));
                progress.WriteLine($"  query {from + i}: FAISS's best is {gap:0.0e0} more alike than ours in double precision");
            }
        }
        return (different, widest, Math.Sqrt(squares / Queries));
    }

    /// <summary>Milliseconds of a large batch with each kernel that this processor has.</summary>
    private static Dictionary<string, double> Kernels(FaceIndex index, FaceVectors vectors) =>
        FaceKernel.All.Where(k => k.IsSupported).ToDictionary(k => k.Name, kernel =>
        {
            var search = new Searcher(index, LargeBatch);
            for (var warming = Stopwatch.StartNew(); warming.Elapsed < s_warmUp;)
                search.Run(vectors.Query(0, LargeBatch), kernel);
            return Round(Enumerable.Range(0, Tries).Select(i =>
            {
                long started = Stopwatch.GetTimestamp();
                search.Run(vectors.Query(i * LargeBatch, LargeBatch), kernel);
                return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
            }).Min());
        });

    /// <summary>A hundred faces scattered over the whole index leave, a hundred come.</summary>
    private static double DeltaMs(FaceIndex index, (string, string)[] ids, FaceVectors vectors)
    {
        int count = Math.Min(100, ids.Length);
        var delta = new FaceDelta
        {
            Removed = [.. Enumerable.Range(0, count).Select(i => ids[(int)((long)i * ids.Length / count)])],
            Added = [.. Enumerable.Range(0, count).Select(i => ("new", $"entry-{i}"))],
            Templates = vectors.Templates[..(count * Dimension)],
        };
        var clock = Stopwatch.StartNew();
        _ = index.Apply(delta);
        return clock.Elapsed.TotalMilliseconds;
    }

    private static double Round(double value) => Math.Round(value, 4);

    /// <summary>Asks for the best match of each of a batch.</summary>
    private sealed class Searcher(FaceIndex index, int batch)
    {
        private readonly int[] _found = new int[batch];

        public FaceMatch[] Matches { get; } = new FaceMatch[batch];

        public void Run(ReadOnlySpan<float> queries) => index.SearchBatch(queries, Matches, _found);

        public void Run(ReadOnlySpan<float> queries, FaceKernel kernel) => index.SearchBatch(queries, Matches, _found, kernel);
    }
}

/// <summary>Random directions, and queries near some of them.</summary>
internal sealed class FaceVectors
{
    private const int Dimension = FaceIndex.Dimension;

    private readonly float[] _values;
    private readonly int _templates;

    public FaceVectors(int templates, int queries, int seed)
    {
        _templates = templates;
        _values = new float[(templates + queries) * Dimension];
        var random = new Random(seed);
        for (int i = 0; i < templates + queries; i++)
        {
            Span<float> vector = Vector(i);
            FillDirection(random, vector);
            if (i >= templates && (i & 1) == 0)
                Mix(Vector(random.Next(templates)), 0.3f + (0.6f * random.NextSingle()), vector);
        }
    }

    public ReadOnlyMemory<float> Templates => _values.AsMemory(0, _templates * Dimension);

    public ReadOnlySpan<float> Query(int from, int count) => _values.AsSpan((_templates + from) * Dimension, count * Dimension);

    public double Product(int template, int query)
    {
        double sum = 0;
        for (int i = 0; i < Dimension; i++)
            sum += (double)Vector(template)[i] * Vector(_templates + query)[i];
        return sum;
    }

    public void Save(string file)
    {
        using FileStream stream = File.Create(file);
        for (int i = 0; i < _values.Length / Dimension; i++)
            stream.Write(MemoryMarshal.AsBytes(Vector(i)));
    }

    private Span<float> Vector(int at) => _values.AsSpan(at * Dimension, Dimension);

    private static void FillDirection(Random random, Span<float> vector)
    {
        for (int i = 0; i < vector.Length; i += 2)
        {
            double radius = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())), angle = 2 * Math.PI * random.NextDouble();
            (vector[i], vector[i + 1]) = ((float)(radius * Math.Cos(angle)), (float)(radius * Math.Sin(angle)));
        }
        TensorPrimitives.Divide(vector, TensorPrimitives.Norm<float>(vector), vector);
    }

    /// <summary>Turns a direction to where its cosine with another is about this.</summary>
    private static void Mix(ReadOnlySpan<float> other, float cosine, Span<float> vector)
    {
        TensorPrimitives.Multiply(vector, MathF.Sqrt(1 - (cosine * cosine)), vector);
        TensorPrimitives.MultiplyAdd(other, cosine, vector, vector);
        TensorPrimitives.Divide(vector, TensorPrimitives.Norm<float>(vector), vector);
    }
}
