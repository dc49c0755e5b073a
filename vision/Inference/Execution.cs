using Microsoft.ML.OnnxRuntime;

namespace EdgeAgent.Vision.Inference;

/// <summary>What networks run on.</summary>
public enum ExecutionProvider
{
    Cpu,
    Cuda,
    TensorRt,
    OpenVino,
}

/// <summary>
/// Opens networks on the wanted hardware, and on the CPU when this machine or this build of ONNX Runtime has no such thing: that is
/// told once, for all networks together. Thread-safe.
/// </summary>
public sealed class Execution
{
    private static readonly Lazy<bool> s_sharedArena = new(RegisterSharedArena);
    private readonly Lock _gate = new();
    private readonly Action<ExecutionProvider, string> _fellBack;

    /// <param name="wanted">What is asked for.</param>
    /// <param name="fellBack">Called at most once: what was asked for and why it cannot be had.</param>
    public Execution(ExecutionProvider wanted, Action<ExecutionProvider, string> fellBack)
    {
        _fellBack = fellBack;
        Used = wanted;
    }

    /// <summary>The CPU, which needs nothing.</summary>
    public static Execution OnCpu { get; } = new(ExecutionProvider.Cpu, static (_, _) => { });

    /// <summary>What networks are opened on now; the CPU for good once the wanted one has failed.</summary>
    public ExecutionProvider Used { get; private set; }

    /// <exception cref="OnnxRuntimeException">The CPU cannot run it either: it is no network.</exception>
    internal InferenceSession Open(byte[] model)
    {
        // On the CPU networks are opened side by side: after a crash the car is blind meanwhile.
        if (Used == ExecutionProvider.Cpu)
            return OpenOnCpu(model);
        lock (_gate)
            return Used != ExecutionProvider.Cpu && TryOpen(model) is { } session ? session : OpenOnCpu(model);
    }

    private static InferenceSession OpenOnCpu(byte[] model)
    {
        using var options = CpuOptions();
        return new InferenceSession(model, options);
    }

    private InferenceSession? TryOpen(byte[] model)
    {
        try
        {
            using var options = CpuOptions();
            Append(options, Used);
            return new InferenceSession(model, options);
        }
        catch (Exception e) when (e is OnnxRuntimeException or EntryPointNotFoundException or DllNotFoundException)
        {
            var wanted = Used;
            Used = ExecutionProvider.Cpu;
            _fellBack(wanted, OneLine(e));
            return null;
        }
    }

    private static void Append(SessionOptions options, ExecutionProvider provider)
    {
        switch (provider)
        {
            case ExecutionProvider.Cuda:
                options.AppendExecutionProvider_CUDA();
                break;
            case ExecutionProvider.TensorRt:
                options.AppendExecutionProvider_Tensorrt();
                break;
            case ExecutionProvider.OpenVino:
                options.AppendExecutionProvider_OpenVINO();
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(provider), provider, "not an execution provider");
        }
    }

    private static SessionOptions CpuOptions()
    {
        var options = new SessionOptions
        {
            IntraOpNumThreads = 1,
            InterOpNumThreads = 1,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            // A provider that is not there is told of by us, in one line.
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
        };
        // Seven cameras share the box: a thread that spins for work steals from the others.
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        options.AddSessionConfigEntry("session.inter_op.allow_spinning", "0");
        if (s_sharedArena.Value)
            options.AddSessionConfigEntry("session.use_env_allocators", "1");
        return options;
    }

    /// <summary>
    /// One arena for all networks, grown by what is asked for. Of its own each network would keep the largest run's memory for ever,
    /// rounded up to a power of two; but no more than two ever run at one time.
    /// </summary>
    private static bool RegisterSharedArena()
    {
        const int SameAsRequested = 1, Standard = -1;
        using var memory = new OrtMemoryInfo(OrtMemoryInfo.allocatorCPU, OrtAllocatorType.ArenaAllocator, 0, OrtMemType.Default);
        using var arena = new OrtArenaCfg(0, SameAsRequested, Standard, Standard);
        OrtEnv.Instance().CreateAndRegisterAllocator(memory, arena);
        return true;
    }

    private static string OneLine(Exception e) => string.Join(' ', e.Message.Split((char[])['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
}
