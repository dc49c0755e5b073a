using EdgeAgent.CommandCentre.Identity;
using EdgeAgent.CommandCentre.Storage;
using Grpc.Core;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.LookUps;

/// <summary>Answers cars. The question is on disk, with who asked it, before the register hears of it.</summary>
internal sealed class LookUpsService(LookUpBook book, ILookUpSource source, CommitQueue commits, TimeProvider time) : Patrol.Dispatch.V1.LookUps.LookUpsBase
{
    public override async Task<LookUpReply> Check(LookUpRequest request, ServerCallContext context)
    {
        var unitId = context.UnitId();
        var now = time.GetUtcNow();
        var (code, wait) = await commits.CommitAsync(transaction => book.Take(transaction, unitId, request, source.Problem, now));
        if (code.Length > 0)
            return LookUpAnswer.Refused(request.Id, code, wait);
        var found = await source.FindAsync(request.Kind, request.Subject, context.CancellationToken);
        return found is null ? LookUpAnswer.NotFound(request.Id) : LookUpAnswer.Of(request, found, now);
    }
}
