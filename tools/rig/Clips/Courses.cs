namespace EdgeAgent.Rig.Clips;

/// <summary>The ways that vehicles and people take past a camera, at speeds of town traffic. Metres, seconds from the start.</summary>
internal static class Courses
{
    /// <summary>0 overtaken on the left, 1 overtakes on the right, 2 parked while we pass, 3 cuts in and leaves, 4 far and fast.</summary>
    public static Waypoint[] Vehicle(int course) => course switch
    {
        0 => [new(0, -0.5f, 30), new(1.0f, -0.8f, 12), new(4.2f, -1.75f, 4.6f), new(4.8f, -3.6f, 3.8f)],
        1 => [new(0, 3.4f, 3.9f), new(0.6f, 1.7f, 4.5f), new(3.8f, 0.9f, 10.5f), new(4.6f, 0.6f, 26)],
        2 => [new(0, -4.6f, 6.2f), new(4.6f, 4.6f, 6.2f)],
        3 => [new(0, 4.2f, 6.4f), new(1.0f, 0.4f, 5.6f), new(3.5f, -0.3f, 6.6f), new(4.6f, -4.6f, 6.6f)],
        _ => [new(0, -3.8f, 13.5f), new(3.6f, 6.4f, 15.5f)],
    };

    /// <summary>0 comes towards the camera, 1 crosses, 2 stops and looks.</summary>
    public static Waypoint[] Person(int course) => course switch
    {
        0 => [new(0, 1.9f, 7.5f), new(3.6f, 0.75f, 2.5f), new(4.4f, 2.0f, 2.1f)],
        1 => [new(0, -2.6f, 3.6f), new(4.4f, 2.6f, 3.4f)],
        _ => [new(0, -2.1f, 3.4f), new(0.9f, -0.7f, 2.9f), new(3.1f, -0.6f, 2.7f), new(4.2f, -2.0f, 2.9f)],
    };
}
