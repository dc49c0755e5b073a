using System.Security.Cryptography;

namespace EdgeAgent.Edgectl.Flash;

/// <summary>
/// How a technician comes onto a flashed box: as root, at its screen or serial line, with a password made for this box and said once.
/// There is no way in over the network.
/// </summary>
/// <param name="Password">What is told to whoever flashes; 79 bits.</param>
/// <param name="Hash">What the disk holds: crypt(5), SHA-512.</param>
internal sealed record ConsoleLogin(string Password, string Hash)
{
    private const int Groups = 4, GroupLength = 4;

    // None that is taken for another by lamplight.
    private const string Letters = "23456789abcdefghjkmnpqrstuvwxyz";

    /// <exception cref="DispatchClient.Releases.ReleaseException">tool_missing, tool_failed.</exception>
    public static async Task<ConsoleLogin> NewAsync(CancellationToken stop)
    {
        string password = string.Join('-', Enumerable.Range(0, Groups).Select(_ => RandomNumberGenerator.GetString(Letters, GroupLength)));
        return new ConsoleLogin(password, (await Tool.RunAsync("openssl", ["passwd", "-6", "-stdin"], stop, password + "\n")).Trim());
    }
}
