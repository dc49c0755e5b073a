using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Dispatches;

/// <summary>A folder that carries out commands of its own; see <see cref="CommandActs"/>.</summary>
internal interface ITakesCommands
{
    /// <summary>Null: not one of mine. "": done, and durable; else why not.</summary>
    public string? Take(Command command);
}
