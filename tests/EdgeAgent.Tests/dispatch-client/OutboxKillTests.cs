using System.Globalization;
using EdgeAgent.DispatchClient.Outbox;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.DispatchClient;

public sealed class OutboxKillTests
{
    public const string Appender = "outbox-appender";

    /// <summary>The child's part: appends, and only then says which numbers it was given.</summary>
    internal static void AppendForEver(string directory, int seed)
    {
        var random = new Random(seed);
        var outbox = TestOutbox.Open(directory, maxBytes: 64 << 20);
        while (true)
        {
            EventDraft[] drafts = random.Next(4) switch
            {
                0 => [TestOutbox.Note("decision", Lane.Decisions), TestOutbox.Trail(random.Next(500))],
                1 => [TestOutbox.Clip(20, TestOutbox.Noise(random.Next(), random.Next(1, 20_000)))],
                _ => [TestOutbox.Note(new string('n', random.Next(2000)))],
            };
            foreach (var happened in outbox.AppendMany(drafts))
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{(int)happened.Lane} {happened.Number} {Convert.ToHexString(happened.Id.Span)} {happened.Attachments.Count}"));
        }
    }

    [Fact]
    public async Task Every_append_that_returned_is_there_after_the_process_was_killed()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("TEST_SEED"), out var given) ? given : 42;
        var random = new Random(seed);
        using var directory = new TemporaryDirectory();
        var said = new Dictionary<(Lane, ulong), string>();
        for (var round = 0; round < 4; round++)
        {
            using (var child = ChildProcess.Start(Appender, directory.Path, $"{seed + round}"))
            {
                var lines = random.Next(20, 200);
                for (var i = 0; i < lines && await child.StandardOutput.ReadLineAsync() is { } line; i++)
                    Remember(said, line);
                child.Kill();
                // What it had already said when it died counts as well.
                foreach (var line in (await child.StandardOutput.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(IsWhole))
                    Remember(said, line);
                await child.WaitForExitAsync();
            }
            await using var outbox = TestOutbox.Open(directory.Path, maxBytes: 64 << 20);
            Assert.Null(outbox.Quarantine);
            var held = outbox.LeaseAll();
            var ids = held.ToDictionary(happened => (happened.Lane, happened.Number), happened => Convert.ToHexString(happened.Id.Span));
            Assert.All(said, entry => Assert.Equal(entry.Value, ids[entry.Key]));
            foreach (var lane in held.GroupBy(happened => happened.Lane))
                Assert.Equal(Enumerable.Range(1, lane.Count()).Select(number => (ulong)number), lane.Select(happened => happened.Number).Order());
            foreach (var reference in held.SelectMany(happened => happened.Attachments))
                Assert.Equal(reference.Sha256.ToByteArray(), TestOutbox.Sha256(outbox.Content(reference.Sha256.ToByteArray())));
        }
        Assert.True(said.Count > 80, $"seed {seed}: {said.Count} appends");
    }

    private static bool IsWhole(string line) => line.Split(' ') is [_, _, { Length: 32 }, { Length: > 0 }];

    private static void Remember(Dictionary<(Lane, ulong), string> said, string line)
    {
        var parts = line.Split(' ');
        said.Add(((Lane)int.Parse(parts[0]), ulong.Parse(parts[1])), parts[2]);
    }
}
