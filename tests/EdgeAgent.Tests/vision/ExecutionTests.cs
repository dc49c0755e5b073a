using EdgeAgent.Tests.Support;
using EdgeAgent.Vision.Faces;
using EdgeAgent.Vision.Inference;
using EdgeAgent.Vision.Plates;
using Microsoft.ML.OnnxRuntime;

namespace EdgeAgent.Tests.Vision;

public sealed class ExecutionTests
{
    private const ushort AArch64 = 183, X64 = 62;

    [Theory]
    [InlineData(ExecutionProvider.Cuda, "CUDAExecutionProvider")]
    [InlineData(ExecutionProvider.TensorRt, "TensorrtExecutionProvider")]
    [InlineData(ExecutionProvider.OpenVino, "OpenVINOExecutionProvider")]
    public void A_provider_that_is_not_there_is_told_of_once_and_the_cpu_taken(ExecutionProvider wanted, string name)
    {
        Assert.DoesNotContain(name, OrtEnv.Instance().GetAvailableProviders());
        var told = new List<(ExecutionProvider Wanted, string Why)>();
        var execution = new Execution(wanted, (asked, why) => told.Add((asked, why)));
        var models = ModelStore.Open(Models.Directory, execution);
        using var faces = new FaceDetector(models);
        using var plates = new PlateDetector(models);
        Assert.Equal(0, faces.Detect(Picture.Filled(640, 360, 90).View, new FaceBox[4]));
        Assert.Equal(0, plates.Detect(Picture.Filled(640, 360, 90).View, new PlateBox[4]));
        var only = Assert.Single(told);
        Assert.Equal(wanted, only.Wanted);
        Assert.NotEmpty(only.Why);
        Assert.DoesNotContain('\n', only.Why);
        Assert.Equal(ExecutionProvider.Cpu, execution.Used);
    }

    [Fact]
    public void The_cpu_needs_no_word()
    {
        var execution = new Execution(ExecutionProvider.Cpu, (_, why) => Assert.Fail(why));
        using var faces = new FaceDetector(ModelStore.Open(Models.Directory, execution));
        Assert.Equal(0, faces.Detect(Picture.Filled(640, 360, 90).View, new FaceBox[4]));
    }

    [FetchedFact("onnxruntime/linux-arm64/libonnxruntime.so")]
    public void The_library_for_arm64_is_one_for_arm64() => AssertLibrary("linux-arm64", AArch64);

    [FetchedFact("onnxruntime/linux-x64/libonnxruntime.so")]
    public void The_library_for_x64_is_one_for_x64() => AssertLibrary("linux-x64", X64);

    private static void AssertLibrary(string folder, ushort machine)
    {
        byte[] header = new byte[20];
        using var file = File.OpenRead(Path.Combine(Repository.Root, ".cache", "onnxruntime", folder, "libonnxruntime.so"));
        file.ReadExactly(header);
        // ELF, 64 bits, little-endian; e_machine lies at 18.
        Assert.Equal([0x7F, (byte)'E', (byte)'L', (byte)'F', 2, 1], header[..6]);
        Assert.Equal(machine, BitConverter.ToUInt16(header, 18));
    }

    /// <summary>A test of a file that models/fetch.mjs brings; skipped by name where it was not fetched.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    private sealed class FetchedFactAttribute : FactAttribute
    {
        public FetchedFactAttribute(string file)
        {
            File = file;
            if (!System.IO.File.Exists(Path.Combine(Repository.Root, ".cache", file)))
                Skip = $"there is no .cache/{file}: node models/fetch.mjs --arch arm64 brings it";
        }

        public string File { get; }
    }
}
