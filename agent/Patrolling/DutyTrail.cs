using Dapper;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Agent.Positions;
using EdgeAgent.Contract;
using EdgeAgent.DispatchClient.Outbox;
using Patrol.Dispatch.V1;
using Google.Protobuf;

namespace EdgeAgent.Agent.Patrolling;

/// <summary>
/// The positions of the shifts that go on, sealed, in pieces of ten seconds: a host that was started again counts them anew, with the same
/// rules as the centre. Older ones go. (The outbox has them only until the centre took them.)
/// </summary>
internal sealed class DutyTrail(OutboxStore store, UnitVault vault)
{
    private const string Purpose = "duty-trail";

    private readonly TrackCoder coder = new();

    /// <param name="position">One that counts.</param>
    /// <param name="neededFromUnixMs">What is older is needed by no shift.</param>
    public void Add(Position position, long neededFromUnixMs)
    {
        Keep(coder.Add(position), neededFromUnixMs);
        if (coder.Points >= PositionStage.PointsPerSegment)
            Keep(coder.Take(), neededFromUnixMs);
    }

    public IReadOnlyList<PatrolFix> Read() =>
        [.. store.Read(c => c.Query<byte[]>("SELECT sealed FROM duty_trail ORDER BY at_unix_ms").AsList())
            .SelectMany(closed => TrackFixes.Of(TrackSegment.Parser.ParseFrom(vault.Open(Purpose, closed)), believed: true))];

    private void Keep(TrackSegment? segment, long neededFromUnixMs)
    {
        if (segment is null)
            return;
        byte[] closed = vault.Seal(Purpose, segment.ToByteArray());
        try
        {
            store.Write((connection, transaction) =>
            {
                _ = connection.Execute("DELETE FROM duty_trail WHERE at_unix_ms < @neededFromUnixMs", new { neededFromUnixMs }, transaction);
                _ = connection.Execute("INSERT OR REPLACE INTO duty_trail VALUES (@at, @closed)", new { at = segment.Base.AtUnixMs, closed }, transaction);
            });
        }
        catch (OutboxException full) when (full.IsDiskFull)
        {
            // Like the trail itself: the count goes on in memory, and the terminal shows that the disk is full.
        }
    }
}
