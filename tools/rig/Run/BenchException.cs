namespace EdgeAgent.Rig.Run;

/// <summary>The bench cannot go on, for a reason that its user can read.</summary>
internal sealed class BenchException(string message) : Exception(message);
