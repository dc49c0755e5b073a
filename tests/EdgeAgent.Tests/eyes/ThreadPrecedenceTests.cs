using EdgeAgent.Eyes.Process;

namespace EdgeAgent.Tests.Eyes;

/// <summary>What the kernel says of a thread that asked for precedence: proc(5), stat, fields 19 (nice) and 41 (policy).</summary>
public sealed class ThreadPrecedenceTests
{
    private const int Other = 0, RoundRobin = 2;

    [Fact]
    public void Detection_is_real_time_where_granted_and_what_it_starts_is_not()
    {
        (string? refused, int policy, int policyOfChild) = OnAThread(() =>
        {
            string? answer = ThreadPrecedence.TakeRealTime();
            return (answer, Stat(41), OnAThread(() => Stat(41)));
        });
        Assert.Equal(refused is null ? RoundRobin : Other, policy);
        Assert.Equal(Other, policyOfChild);
        Assert.NotEqual("", refused);
    }

    [Fact]
    public void Reading_comes_before_ordinary_work_where_granted_and_what_it_starts_does_not()
    {
        int ordinary = OnAThread(() => Stat(19));
        (string? refused, int nice, int niceOfChild) = OnAThread(() =>
        {
            string? answer = ThreadPrecedence.TakeNice();
            return (answer, Stat(19), OnAThread(() => Stat(19)));
        });
        Assert.Equal(refused is null ? -10 : ordinary, nice);
        Assert.True(niceOfChild >= 0, $"nice {niceOfChild}");
        Assert.NotEqual("", refused);
    }

    private static T OnAThread<T>(Func<T> work)
    {
        T? result = default;
        var thread = new Thread(() => result = work());
        thread.Start();
        thread.Join();
        return result!;
    }

    /// <summary>A field of this thread's stat, counted from 1; the name in brackets, which may hold spaces, is the second.</summary>
    private static int Stat(int field)
    {
        string stat = File.ReadAllText("/proc/thread-self/stat");
        return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[field - 3], System.Globalization.CultureInfo.InvariantCulture);
    }
}
