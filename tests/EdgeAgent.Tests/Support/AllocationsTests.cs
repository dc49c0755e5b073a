namespace EdgeAgent.Tests.Support;

public sealed class AllocationsTests
{
    private object? kept;

    [Fact]
    public void What_is_allocated_is_counted_to_the_byte_and_nothing_else()
    {
        Assert.Equal(0, Allocations.Of(() => { }));
        Assert.Equal(1024, Allocations.Of(() => kept = new byte[1000]));
        Assert.NotNull(kept);
    }
}
