using System.Security.Cryptography;

namespace EdgeAgent.Contract;

/// <summary>
/// Random bytes of the system's generator, drawn a kilobyte at a time for each thread: one by one, an id and a nonce cost as much
/// as all else that an event needs. What was given out is wiped.
/// </summary>
internal static class RandomPool
{
    private const int PoolBytes = 1024;

    [ThreadStatic]
    private static byte[]? pool;

    [ThreadStatic]
    private static int left;

    /// <param name="target">At most a kilobyte.</param>
    public static void Fill(Span<byte> target)
    {
        pool ??= new byte[PoolBytes];
        if (left < target.Length)
        {
            RandomNumberGenerator.Fill(pool);
            left = PoolBytes;
        }
        var taken = pool.AsSpan(left - target.Length, target.Length);
        taken.CopyTo(target);
        taken.Clear();
        left -= target.Length;
    }
}
