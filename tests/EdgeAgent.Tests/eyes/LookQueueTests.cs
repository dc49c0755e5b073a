using EdgeAgent.Eyes;
using EdgeAgent.Eyes.Pipelines;

namespace EdgeAgent.Tests.Eyes;

public sealed class LookQueueTests
{
    private static readonly TimeSpan s_soon = TimeSpan.FromMilliseconds(1);
    private readonly Counters _counters = new();

    [Fact]
    public void Full_it_drops_the_oldest_look_counts_it_and_gives_it_back_to_its_visit()
    {
        using var queue = new LookQueue(_counters);
        var first = NewVisit("first");
        queue.Add(new LookOrder(first, LookAct.Look, default, Last: false));
        queue.Add(new LookOrder(first, LookAct.Tell, default, Last: true));
        for (int i = 0; i < LookQueue.MaxLooks; i++)
            queue.Add(new LookOrder(NewVisit($"v{i}"), LookAct.Look, default, Last: false));
        Assert.Equal(1, _counters.LooksDropped);
        Assert.Equal(1, first.TakeLost());
        Assert.True(queue.IsBehind);
        var taken = new List<LookOrder>();
        Assert.True(queue.TryTake(taken, s_soon, CancellationToken.None));
        Assert.Equal(LookQueue.MaxLooks, taken.Count(o => o.Act == LookAct.Look));
        Assert.Single(taken, o => o.Act == LookAct.Tell && o.Visit == first);
        Assert.False(queue.IsBehind);
        Assert.False(queue.TryTake(taken, s_soon, CancellationToken.None));
        Assert.Empty(taken);
    }

    [Fact]
    public void A_newer_look_at_the_same_visit_takes_the_place_of_the_one_that_waits()
    {
        using var queue = new LookQueue(_counters);
        var visit = NewVisit("one");
        queue.Add(new LookOrder(visit, LookAct.Look, new Candidate(100, default, 50, 1), Last: false));
        queue.Add(new LookOrder(visit, LookAct.Tell, default, Last: true));
        queue.Add(new LookOrder(visit, LookAct.Look, new Candidate(400, default, 60, 1), Last: false));
        var taken = new List<LookOrder>();
        Assert.True(queue.TryTake(taken, s_soon, CancellationToken.None));
        Assert.Equal([(LookAct.Look, 400L), (LookAct.Tell, 0L)], taken.Select(o => (o.Act, o.At.MonoMs)));
        Assert.Equal((1, 1), (visit.TakeLost(), (int)_counters.LooksDropped));
    }

    [Fact]
    public void What_must_not_be_seen_any_more_is_forgotten()
    {
        using var queue = new LookQueue(_counters);
        queue.Add(new LookOrder(NewVisit("face", VisitKind.Face), LookAct.Look, default, Last: false));
        queue.Add(new LookOrder(NewVisit("plate"), LookAct.Look, default, Last: false));
        queue.Forget(v => v.Kind == VisitKind.Face);
        var taken = new List<LookOrder>();
        Assert.True(queue.TryTake(taken, s_soon, CancellationToken.None));
        Assert.Equal("plate", Assert.Single(taken).Visit.Id);
        queue.Add(new LookOrder(NewVisit("face", VisitKind.Face), LookAct.Look, default, Last: false));
        queue.Forget(_ => true);
        Assert.False(queue.TryTake(taken, s_soon, CancellationToken.None));
    }

    [Fact]
    public void Switched_off_and_on_again_work_for_the_old_epoch_is_void()
    {
        var seeing = new Seeing();
        Assert.False(seeing.Allows(VisitKind.Face, 0));
        seeing.Set(faces: true, plates: true);
        int epoch = seeing.Epoch(VisitKind.Face);
        Assert.True(seeing.Allows(VisitKind.Face, epoch));
        seeing.Set(faces: true, plates: true);
        Assert.True(seeing.Allows(VisitKind.Face, epoch));
        seeing.Set(faces: false, plates: true);
        Assert.False(seeing.Allows(VisitKind.Face, epoch));
        Assert.True(seeing.Allows(VisitKind.Plate, seeing.Epoch(VisitKind.Plate)));
        seeing.Set(faces: true, plates: true);
        Assert.False(seeing.Allows(VisitKind.Face, epoch));
        Assert.True(seeing.Allows(VisitKind.Face, seeing.Epoch(VisitKind.Face)));
    }

    [Fact]
    public void Of_our_own_assemblies_eyes_knows_hw_and_vision_only()
    {
        string[] ours = [.. typeof(EyesProcess).Assembly.GetReferencedAssemblies().Select(a => a.Name!).Where(n => n.StartsWith("EdgeAgent", StringComparison.Ordinal)).Order()];
        Assert.Equal(["EdgeAgent.Hw", "EdgeAgent.Vision"], ours);
        Assert.DoesNotContain(
            typeof(EdgeAgent.Hw.Frames.Frame).Assembly.GetReferencedAssemblies(), a => a.Name!.StartsWith("EdgeAgent", StringComparison.Ordinal));
    }

    private static Visit NewVisit(string id, VisitKind kind = VisitKind.Plate) => new(id, kind, 0, null!, 0);
}
