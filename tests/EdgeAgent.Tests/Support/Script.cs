namespace EdgeAgent.Tests.Support;

/// <summary>A shell script in place of a program of the system, which says what that program was recorded to say.</summary>
internal static class Script
{
    /// <returns>Its path.</returns>
    public static string Write(string folder, string name, string body)
    {
        string path = Path.Combine(folder, name);
        File.WriteAllText(path, $"#!/bin/sh\n{body}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }
}
