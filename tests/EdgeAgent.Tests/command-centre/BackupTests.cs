using System.Formats.Tar;
using System.Text.Json.Nodes;
using EdgeAgent.CommandCentre.Hosting;
using EdgeAgent.Contract;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.CommandCentre;

/// <summary>A centre's disk is lost: what a backup holds comes back, and what is newer comes from the cars.</summary>
public sealed class BackupTests : IAsyncLifetime
{
    private readonly CentreUnderTest centre = CentreUnderTest.Make();
    private string File => Path.Combine(centre.Folder, "centre.tar");

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await centre.DisposeAsync();

    [Fact]
    public async Task What_came_after_the_backup_is_still_in_the_cars_and_is_asked_for_again()
    {
        await using var first = await ServeAsync(centre.Data);
        using var car = await RawCar.EnrolAsync(first.Grpc, centre.EnrolmentCode("PB-1"));
        using (var session = await car.ConnectAsync())
        {
            _ = await session.StoreAsync(Enumerable.Range(1, 5).Select(n => car.Health((ulong)n)));
            Assert.Equal(0, (await centre.CommandAsync(null, "backup", "--to", File)).ExitCode);
            // The car is told at once what it may forget: what the backup holds, and no more.
            Assert.Equal(5ul, Number(await session.NextAsync(message => message.BodyCase == CentreMessage.BodyOneofCase.Watermarks && message.Watermarks.Lanes.Count > 0)));
            _ = await session.StoreAsync(Enumerable.Range(6, 5).Select(n => car.Health((ulong)n)));
        }
        using (var session = await car.ConnectAsync())
            Assert.Equal(5ul, Assert.Single(session.Welcome.Watermarks).Number);
        await first.DisposeAsync();
        var keys = Path.Combine(centre.Folder, "safe");
        Directory.Move(Path.Combine(centre.Data, "keys"), keys);
        Directory.Delete(centre.Data, recursive: true);

        var restored = await CommandResult.RunAsync(["restore", "--from", File, "--keys", keys, "--data", centre.Data, "--json"], null);
        Assert.Equal(0, restored.ExitCode);
        await using var second = await ServeAsync(centre.Data);
        car.Redial(second.Grpc);
        using var again = await car.ConnectAsync(hello => hello.Lanes.Add(new LaneState { Lane = Lane.Status, FirstHeld = 6, NextNumber = 11 }));
        var asked = (await again.NextAsync(message => message.BodyCase == CentreMessage.BodyOneofCase.Resend)).Resend;
        Assert.Equal((6ul, 10ul), (asked.FromNumber, asked.ToNumber));
        _ = await again.StoreAsync(Enumerable.Range(6, 5).Select(n => car.Health((ulong)n)));
        var books = centre.Books("PB-1");
        Assert.Equal((10, 0), (books.Events, books.MissingNumbers));
    }

    [Fact]
    public async Task Evidence_comes_back_byte_for_byte()
    {
        await using (var server = await ServeAsync(centre.Data))
        {
            using var car = await RawCar.EnrolAsync(server.Grpc, centre.EnrolmentCode("PB-1"));
            using var session = await car.ConnectAsync();
            var content = ByteString.CopyFrom(Enumerable.Range(0, 200_000).Select(n => (byte)(n * 31)).ToArray());
            var made = car.Health(1);
            made.Attachments.Add(new AttachmentRef { Sha256 = ByteString.CopyFrom(System.Security.Cryptography.SHA256.HashData(content.Span)), SizeBytes = (ulong)content.Length, MediaType = "video/mp4" });
            _ = await session.StoreAsync(made);
            using var upload = new Evidence.EvidenceClient(car.Channel).Upload();
            await upload.RequestStream.WriteAsync(new EvidenceChunk { Header = new EvidenceHeader { Attachment = made.Attachments[0], EventId = made.Id } });
            await upload.RequestStream.WriteAsync(new EvidenceChunk { Data = content });
            await upload.RequestStream.CompleteAsync();
            _ = await upload.ResponseAsync;
        }
        Assert.Equal(0, (await centre.CommandAsync(null, "backup", "--to", File)).ExitCode);
        var target = Path.Combine(centre.Folder, "elsewhere");
        Assert.Equal(0, (await CommandResult.RunAsync(["restore", "--from", File, "--keys", Path.Combine(centre.Data, "keys"), "--data", target], null)).ExitCode);
        Assert.Equal(Files(centre.Data), Files(target));

        static IEnumerable<string> Files(string data) => Directory.EnumerateFiles(Path.Combine(data, "evidence"), "*", SearchOption.AllDirectories)
            .Select(file => $"{Path.GetRelativePath(data, file)} {Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.IO.File.ReadAllBytes(file)))}").Order().ToList();
    }

    [Theory]
    [InlineData("changed")]
    [InlineData("cut off")]
    [InlineData("other keys")]
    [InlineData("climbs out")]
    [InlineData("one too many")]
    public async Task A_backup_that_is_not_whole_and_ours_restores_nothing(string fault)
    {
        Assert.Equal(0, (await centre.CommandAsync(null, "backup", "--to", File)).ExitCode);
        var keys = Path.Combine(centre.Data, "keys");
        var bytes = await System.IO.File.ReadAllBytesAsync(File);
        switch (fault)
        {
            case "changed":
                bytes[5000] ^= 1;
                await System.IO.File.WriteAllBytesAsync(File, bytes);
                break;
            case "cut off":
                await System.IO.File.WriteAllBytesAsync(File, bytes[..(bytes.Length / 2)]);
                break;
            case "other keys":
                keys = Path.Combine(CentreUnderTest.Make().Data, "keys");
                break;
            default:
                Append(fault == "climbs out" ? "../outside" : "evidence/aa/more");
                break;
        }
        var target = Path.Combine(centre.Folder, "elsewhere");
        var result = await CommandResult.RunAsync(["restore", "--from", File, "--keys", keys, "--data", target], null);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("centre.tar", result.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(target) || Directory.Exists(target + ".partial") || System.IO.File.Exists(Path.Combine(centre.Folder, "outside")));
    }

    [Fact]
    public async Task A_restore_never_mixes_two_centres_and_a_backup_replaces_only_when_it_is_whole()
    {
        await System.IO.File.WriteAllTextAsync(File, "the one before");
        Assert.Equal(0, (await centre.CommandAsync(null, "backup", "--to", File, "--json")).ExitCode);
        Assert.Equal([File], Directory.EnumerateFileSystemEntries(centre.Folder, "centre.tar*"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));
        var mixed = await CommandResult.RunAsync(["restore", "--from", File, "--keys", Path.Combine(centre.Data, "keys"), "--data", centre.Data], null);
        Assert.Equal(1, mixed.ExitCode);
        Assert.Contains("is there already", mixed.Error, StringComparison.Ordinal);
        Assert.Contains("command-line backup_made", string.Join('\n', centre.Audit()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_says_what_is_wrong_and_tells_of_the_newest_backup()
    {
        await using var server = await ServeAsync(centre.Data);
        using var http = new HttpClient { BaseAddress = server.Http };
        Assert.Equal("ok\n", await http.GetStringAsync(new Uri("/health/live", UriKind.Relative)));
        Assert.Contains("none was ever made", await ReadyAsync(), StringComparison.Ordinal);
        Assert.Equal(0, (await centre.CommandAsync(null, "backup", "--to", File)).ExitCode);
        var ready = await ReadyAsync();
        Assert.Contains("the last one 0.0 h ago", ready, StringComparison.Ordinal);
        Assert.Equal(["storage", "disk", "certificate", "backup"], JsonNode.Parse(ready)!["checks"]!.AsArray().Select(check => (string)check!["name"]!));

        async Task<string> ReadyAsync()
        {
            using var answer = await http.GetAsync(new Uri("/health/ready", UriKind.Relative));
            Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
            return await answer.Content.ReadAsStringAsync();
        }
    }

    private static Task<CentreServer> ServeAsync(string data) => CentreServer.StartAsync(
        new CentreOptions { DataDirectory = data, Grpc = new(System.Net.IPAddress.Loopback, 0), Http = new(System.Net.IPAddress.Loopback, 0), WebRoot = data, KeepUntilBackup = true },
        TimeProvider.System);

    private static ulong Number(CentreMessage message) => Assert.Single(message.Watermarks.Lanes).Number;

    private void Append(string name)
    {
        var copy = File + ".new";
        using (var from = new TarReader(System.IO.File.OpenRead(File)))
        using (var to = new TarWriter(System.IO.File.Create(copy)))
        {
            while (from.GetNextEntry(copyData: true) is { } entry)
                to.WriteEntry(entry);
            to.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream([1, 2, 3]) });
        }
        System.IO.File.Move(copy, File, overwrite: true);
    }
}
