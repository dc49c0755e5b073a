using System.Diagnostics;
using System.Text.Json.Nodes;
using EdgeAgent.Contract;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.CommandCentre;

/// <summary>The real program, killed.</summary>
public sealed class CrashTests
{
    [Fact]
    public async Task Nothing_acked_is_lost_when_the_server_is_killed_in_the_middle_of_its_work()
    {
        await using var centre = CentreUnderTest.Make();
        var acked = new HashSet<string>();
        RawCar? car = null;
        for (var round = 0; round < 3; round++)
        {
            using var process = await ServeAsync(centre);
            try
            {
                if (car is null)
                    car = await RawCar.EnrolAsync(process.Grpc, centre.EnrolmentCode("PB-1"));
                else
                    car.Redial(process.Grpc);
                await FloodAndKillAsync(car, process, acked, batches: 40 + (round * 15));
            }
            finally
            {
                process.Kill();
            }
        }
        Assert.True(acked.Count > 300, $"only {acked.Count} events were acked");
        var books = centre.Books("PB-1");
        Assert.Empty(acked.Except(books.Ids!));
        Assert.Equal(books.Events, books.DistinctIds);
        car?.Dispose();
    }

    [Fact]
    public async Task The_program_is_ready_within_two_seconds_and_ends_in_order_on_SIGTERM()
    {
        await using var centre = CentreUnderTest.Make();
        var started = Stopwatch.GetTimestamp();
        using var process = await ServeAsync(centre);
        var ready = Stopwatch.GetElapsedTime(started);
        // On two cores that compile other things the wall says little; the bound is what a person would call broken.
        Assert.True(ready < TimeSpan.FromSeconds(8), $"ready after {ready.TotalSeconds:0.0} s");
        var second = await CommandResult.RunAsync(["serve", "--data", centre.Data, "--grpc", "127.0.0.1:0", "--http", "127.0.0.1:0"], null);
        Assert.Equal(1, second.ExitCode);
        Assert.Contains("Another server", second.Error);
        Assert.Equal(0, await process.TerminateAsync());
    }

    [Fact]
    public async Task A_folder_that_is_no_centres_is_refused_with_a_sentence()
    {
        var refused = await CommandResult.RunAsync(["serve", "--data", "/nowhere/at/all"], null);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("command-centre init", refused.Error);
    }

    /// <summary>Sends without waiting for answers, counts acks, and kills the server while batches are on their way.</summary>
    private static async Task FloodAndKillAsync(RawCar car, ServedCentre process, HashSet<string> acked, int batches)
    {
        using var session = await car.ConnectAsync();
        var sending = Task.Run(async () =>
        {
            try
            {
                for (var batch = 0; batch < 100_000; batch++)
                    await session.SendAsync(Enumerable.Range(0, 10).Select(_ => car.Health()));
            }
            catch (Exception e) when (e is Grpc.Core.RpcException or InvalidOperationException or IOException)
            {
                // The server is gone.
            }
        });
        try
        {
            for (var seen = 0; ; seen++)
            {
                var acks = (await session.NextAsync(message => message.Acks is not null)).Acks.Acks;
                foreach (var ack in acks.Where(ack => ack.Status is AckStatus.Stored or AckStatus.Duplicate))
                    _ = acked.Add(Uuid7.ToGuid(ack.EventId.Span).ToString());
                if (seen == batches)
                    process.Kill();
            }
        }
        catch (Exception e) when (e is Grpc.Core.RpcException or EndOfStreamException or IOException)
        {
            await sending;
        }
    }

    private static Task<ServedCentre> ServeAsync(CentreUnderTest centre) => ServedCentre.StartAsync(centre.Data);

    private sealed class ServedCentre(Process process, Uri grpc) : IDisposable
    {
        public Uri Grpc => grpc;

        public static async Task<ServedCentre> StartAsync(string data)
        {
            var process = CommandResult.Start("serve", "--data", data, "--grpc", "127.0.0.1:0", "--http", "127.0.0.1:0");
            process.BeginErrorReadLine();
            var line = await process.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(20));
            Assert.NotNull(line);
            return new ServedCentre(process, new Uri((string)JsonNode.Parse(line)!["grpc"]!));
        }

        public void Kill()
        {
            if (!process.HasExited)
                process.Kill();
            process.WaitForExit();
        }

        public async Task<int> TerminateAsync()
        {
            using var kill = Process.Start("kill", ["-TERM", process.Id.ToString()]);
            await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(15));
            return process.ExitCode;
        }

        public void Dispose()
        {
            Kill();
            process.Dispose();
        }
    }
}
