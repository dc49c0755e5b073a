using System.Collections.Concurrent;
using Grpc.Core;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.DispatchClient;

/// <summary>Look-ups as a centre answers them: what it was asked is kept, what it answers is set.</summary>
internal sealed class TestLookUps
{
    public ConcurrentQueue<LookUpRequest> Asked { get; } = new();

    public Func<LookUpRequest, LookUpReply> Answer { get; set; } = _ => new LookUpReply { Outcome = LookUpOutcome.NotFound };

    /// <summary>Answers wait for it.</summary>
    public Task Pause { get; set; } = Task.CompletedTask;
}

internal sealed class TestLookUpsService(TestCentre centre) : LookUps.LookUpsBase
{
    public override async Task<LookUpReply> Check(LookUpRequest request, ServerCallContext context)
    {
        centre.LookUps.Asked.Enqueue(request);
        await centre.LookUps.Pause;
        return centre.LookUps.Answer(request);
    }
}
