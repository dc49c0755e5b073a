using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace EdgeAgent.Benchmarks.Bench;

/// <summary>What the peer says of itself.</summary>
internal sealed record FaissFacts(string Version, string Build, string Blas, string Kernel, int Threads, long Bytes, IReadOnlyList<int> Cores);

/// <summary>FAISS in a process of its own, on the core that this thread is bound to.</summary>
internal sealed class FacesIndexPeer : IDisposable
{
    private const string Python = "/usr/bin/python3";

    // One of them alone would describe a machine that does not exist.
    private static readonly string[] Tuning = ["OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"];

    private readonly Process _process;

    private FacesIndexPeer(Process process, bool tuned)
    {
        _process = process;
        Environment = tuned ? "as set" : "OPENBLAS_CORETYPE and OPENBLAS_L2_SIZE unset";
        Facts = JsonSerializer.Deserialize<FaissFacts>(Answer(), JsonSerializerOptions.Web)!;
    }

    /// <summary>Whether the environment tells OpenBLAS which kernel to run.</summary>
    public static bool IsTuned => Tuning.Any(name => System.Environment.GetEnvironmentVariable(name) is { Length: > 0 });

    public string Environment { get; }

    public FaissFacts Facts { get; }

    /// <param name="keepTuning">Leave OpenBLAS what the environment tells it; otherwise it looks at the processor itself.</param>
    /// <exception cref="InputException">Python or FAISS is missing.</exception>
    public static FacesIndexPeer Start(string file, int templates, int queries, int dimension, bool keepTuning)
    {
        var start = new ProcessStartInfo(Python) { RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (string argument in (string[])[Path.Combine(AppContext.BaseDirectory, "faiss_peer.py"), file, $"{templates}", $"{queries}", $"{dimension}"])
            start.ArgumentList.Add(argument);
        start.Environment["OMP_NUM_THREADS"] = start.Environment["OPENBLAS_NUM_THREADS"] = "1";
        if (!keepTuning)
            foreach (string name in Tuning)
                _ = start.Environment.Remove(name);
        try
        {
            return new FacesIndexPeer(Process.Start(start)!, keepTuning && IsTuned);
        }
        catch (Win32Exception)
        {
            throw new InputException($"{Python} is missing: the peer needs Debian's python3-faiss and libopenblas0-pthread.");
        }
    }

    public double TimeMs(int batch, int from, int threshold) =>
        double.Parse(Ask($"time {batch} {from} {threshold}"), CultureInfo.InvariantCulture);

    public int[] Top1(int threshold, string file)
    {
        _ = Ask($"top1 {threshold} {file}");
        byte[] bytes = File.ReadAllBytes(file);
        int[] best = new int[bytes.Length / sizeof(int)];
        Buffer.BlockCopy(bytes, 0, best, 0, bytes.Length);
        return best;
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(TimeSpan.FromSeconds(5)))
            _process.Kill();
        _process.Dispose();
    }

    private string Ask(string command)
    {
        _process.StandardInput.WriteLine(command);
        return Answer();
    }

    private string Answer() => _process.StandardOutput.ReadLine()
        ?? throw new InputException("The peer ended. It needs Debian's python3-faiss and libopenblas0-pthread; its own words are above.");
}
