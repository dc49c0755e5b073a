using System.Collections.Concurrent;
using System.Security.Cryptography;
using EdgeAgent.CommandCentre.Hosting;
using EdgeAgent.CommandCentre.Storage;

namespace EdgeAgent.CommandCentre.ConsoleApi;

/// <summary>
/// Sign-ins that hold: at most so long in all and so long without an act of the person. In memory for each request, and on disk, so
/// that a restart of the centre signs nobody out and ends nobody's limit.
/// </summary>
internal sealed class ConsoleSessions
{
    public const int MostOfOne = 10;
    private static readonly TimeSpan WrittenEvery = TimeSpan.FromMinutes(1);
    private readonly ConcurrentDictionary<string, ConsoleSession> open = new(StringComparer.Ordinal);
    private readonly CommitQueue commits;
    private readonly CentreOptions options;
    private readonly TimeProvider time;

    public ConsoleSessions(CentreDatabase database, CommitQueue commits, CentreOptions options, TimeProvider time)
    {
        (this.commits, this.options, this.time) = (commits, options, time);
        foreach (var session in database.Read(SessionTable.All))
            open[Key(session.SessionId)] = session;
    }

    /// <summary>A new sign-in; somebody's oldest ends when there are too many.</summary>
    /// <returns>What the cookie carries.</returns>
    public async Task<string> BeginAsync(string account, string address)
    {
        var now = Now();
        var session = new ConsoleSession { SessionId = RandomNumberGenerator.GetBytes(16), Account = account, BeganAt = now, SeenAt = now, Address = address };
        var over = open.Values.Where(other => !Holds(other)).Concat(Of(account).OrderByDescending(other => other.BeganAt).Skip(MostOfOne - 1)).ToList();
        await commits.CommitAsync(transaction =>
        {
            foreach (var other in over)
                _ = SessionTable.Remove(transaction, other.SessionId);
            SessionTable.Add(transaction, session);
            return 0;
        });
        foreach (var other in over)
            _ = open.TryRemove(Key(other.SessionId), out _);
        open[Key(session.SessionId)] = session;
        return Key(session.SessionId);
    }

    public bool Holds(string? key, string account) => key is not null && open.TryGetValue(key, out var session) && session.Account == account && Holds(session);

    /// <summary>The person did something.</summary>
    public async Task TouchAsync(string key)
    {
        if (!open.TryGetValue(key, out var session) || Now() - session.SeenAt < WrittenEvery.TotalMilliseconds)
            return;
        var now = Now();
        open[key] = session with { SeenAt = now };
        await commits.CommitAsync(transaction =>
        {
            SessionTable.Seen(transaction, session.SessionId, now);
            return 0;
        });
    }

    public IReadOnlyList<ConsoleSession> Of(string account) => [.. open.Values.Where(session => session.Account == account && Holds(session)).OrderBy(session => session.BeganAt)];

    /// <returns>False: this person has no such sign-in.</returns>
    public async Task<bool> EndAsync(string key, string account)
    {
        if (!open.TryGetValue(key, out var session) || session.Account != account)
            return false;
        _ = open.TryRemove(key, out _);
        await commits.CommitAsync(transaction => SessionTable.Remove(transaction, session.SessionId));
        return true;
    }

    public async Task EndAllOfAsync(string account)
    {
        foreach (var session in Of(account))
            _ = await EndAsync(Key(session.SessionId), account);
    }

    public static string Key(byte[] sessionId) => Convert.ToHexStringLower(sessionId);

    private bool Holds(ConsoleSession session) =>
        Now() - session.BeganAt < options.SessionLife.TotalMilliseconds && Now() - session.SeenAt < options.SessionIdle.TotalMilliseconds;

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
