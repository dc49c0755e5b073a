using EdgeAgent.Agent.Hosting;
using EdgeAgent.Tests.DispatchClient;

namespace EdgeAgent.Tests.Agent;

public sealed class SwapWatchTests : IDisposable
{
    private const string Header = "Filename\tType\tSize\tUsed\tPriority\n";
    private readonly TemporaryDirectory root = new();

    public void Dispose() => root.Dispose();

    [Theory]
    [InlineData(Header, null, false)]
    [InlineData(Header + "/dev/sda2 partition 1 0 -2\n", null, true)]
    [InlineData(Header + "/dev/sda2 partition 1 0 -2\n", "max", true)]
    [InlineData(Header + "/dev/sda2 partition 1 0 -2\n", "0", false)]
    public void Swap_that_may_take_the_cars_memory_is_known(string swaps, string? most, bool may)
    {
        Write("proc/swaps", swaps);
        Write("proc/self/cgroup", "1:cpu:/elsewhere\n0::/system.slice/edge-agent.service\n");
        if (most is not null)
            Write("sys/fs/cgroup/system.slice/edge-agent.service/memory.swap.max", most + "\n");
        Assert.Equal(may, SwapWatch.MayBeSwapped(root.Path));
    }

    private void Write(string file, string text)
    {
        string path = root.At(file);
        _ = Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
