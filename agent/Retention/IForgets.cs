using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Retention;

/// <summary>A folder's own rows that go by a clock of the policy; see <see cref="RetentionStage"/>.</summary>
internal interface IForgets
{
    /// <summary>As the record of what was deleted names it.</summary>
    public string What { get; }

    /// <summary>Forgets what is past its clock. <paramref name="certainUnixMs"/> is a time that is certainly over.</summary>
    /// <returns>How many.</returns>
    public int ForgetDue(RetentionPolicy policy, long certainUnixMs);
}
