using System.Data.Common;
using EdgeAgent.CommandCentre.Lists;
using EdgeAgent.CommandCentre.Patrolling;
using EdgeAgent.CommandCentre.Retention;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Sessions;

/// <summary>What a car is to hold of its centre by version: what it says that it lacks, a new disk say, is sent again.</summary>
internal sealed class UnitHoldings(RosterIssuing rosters, ConfigurationIssuing configurations, RetentionIssuing retention, PatrolIssuing patrol)
{
    public void Ensure(DbTransaction transaction, string unitId, Hello hello)
    {
        rosters.EnsureHeld(transaction, unitId, hello.RosterVersion);
        configurations.EnsureHeld(transaction, unitId, hello.ConfigurationVersion);
        retention.EnsureHeld(transaction, unitId, hello.RetentionVersion);
        patrol.EnsureHeld(transaction, unitId, hello.PatrolVersion);
    }
}
