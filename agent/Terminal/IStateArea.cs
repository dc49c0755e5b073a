namespace EdgeAgent.Agent.Terminal;

/// <summary>A part of the page's state that one folder of the agent gives; it stands under its name in <c>state.areas</c>.</summary>
internal interface IStateArea
{
    public string Name { get; }

    /// <summary>Also for a page at which nobody is signed in.</summary>
    public bool ForEverybody => false;

    /// <summary>What the page shows now; null: nothing, as for whoever is not signed in. Quick: asked twice a second and on every change.</summary>
    public object? Now();
}
