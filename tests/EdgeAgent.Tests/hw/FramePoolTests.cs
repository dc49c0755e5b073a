using EdgeAgent.Hw.Frames;

namespace EdgeAgent.Tests.Hw;

public sealed class FramePoolTests
{
    [Theory]
    [InlineData(0, 10)]
    [InlineData(10, -1)]
    [InlineData(FramePool.MaxSide + 1, 1)]
    public void A_size_that_no_picture_has_is_refused(int width, int height)
    {
        using var pool = new FramePool();
        Assert.Throws<ArgumentOutOfRangeException>(() => pool.TryRent(width, height));
    }

    [Fact]
    public void Used_after_it_was_given_back_a_frame_throws()
    {
        using var pool = new FramePool();
        var frame = pool.TryRent(8, 8)!.Value;
        frame.Dispose();
        Assert.Throws<ObjectDisposedException>(() => frame.Bgr.Length);
    }

    [Fact]
    public void Given_back_twice_it_counts_once()
    {
        using var pool = new FramePool();
        using var other = pool.TryRent(8, 8);
        var frame = pool.TryRent(8, 8)!.Value;
        Assert.Equal(2, pool.Outstanding);
        frame.Dispose();
        frame.Dispose();
        Assert.Equal(1, pool.Outstanding);
    }

    [Fact]
    public void An_empty_pool_says_so_and_recovers()
    {
        using var pool = new FramePool(capacityBytes: 640 * 3 * 360 * 2);
        var first = pool.TryRent(640, 360);
        var second = pool.TryRent(640, 360);
        Assert.NotNull(first);
        Assert.NotNull(second);
        Assert.Null(pool.TryRent(640, 360));
        first.Value.Dispose();
        using (var third = pool.TryRent(640, 360))
            Assert.NotNull(third);
        second.Value.Dispose();
        Assert.Equal(0, pool.Outstanding);
    }

    [Fact]
    public void Idle_buffers_of_one_size_make_room_for_another_size()
    {
        using var pool = new FramePool(capacityBytes: 640 * 3 * 360);
        pool.TryRent(640, 360)!.Value.Dispose();
        using var smaller = pool.TryRent(320, 180);
        Assert.NotNull(smaller);
    }

    [Fact]
    public void Pixels_do_not_stay_in_idle_memory()
    {
        using var pool = new FramePool();
        var frame = pool.TryRent(64, 64)!.Value;
        frame.Bgr.Fill(0xAB);
        frame.Dispose();
        using var again = pool.TryRent(64, 64)!.Value;
        Assert.Equal(-1, again.Bgr.IndexOf((byte)0xAB));
    }

    [Fact]
    public async Task Many_threads_leave_nothing_outstanding()
    {
        using var pool = new FramePool(capacityBytes: 4 << 20);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(worker => Task.Run(() =>
        {
            for (int i = 0; i < 2000; i++)
            {
                using var frame = pool.TryRent(32 + (i + worker) % 7 * 16, 64);
                frame?.Bgr.Fill((byte)i);
            }
        })));
        Assert.Equal(0, pool.Outstanding);
    }

    [Fact]
    public void A_crop_is_clamped_to_the_picture_and_copies_nothing()
    {
        var bytes = new byte[4 * 12];
        bytes[1 * 12 + 3 * 3] = 77;
        var view = new BgrView(bytes, 4, 4, 12);
        var crop = view.Crop(3, 1, 100, 100);
        Assert.Equal((1, 3), (crop.Width, crop.Height));
        Assert.Equal(77, crop.Row(0)[0]);
        Assert.True(view.Crop(9, 9, 2, 2).IsEmpty);
        Assert.True(view.Crop(-5, 0, 5, 5).IsEmpty);
        Assert.Throws<ArgumentException>(() => new BgrView(new byte[10], 4, 4, 12));
    }
}
