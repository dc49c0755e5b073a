using System.Security.Cryptography;
using EdgeAgent.CommandCentre.Attachments;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
using Google.Protobuf;
using Grpc.Core;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.CommandCentre;

public class EvidenceTests : IAsyncLifetime
{
    private readonly byte[] content = RandomNumberGenerator.GetBytes(300_000);
    private CentreUnderTest centre = null!;
    private RawCar car = null!;

    protected virtual CentreStore Store => CentreStore.Sqlite;

    public async Task InitializeAsync()
    {
        centre = await CentreUnderTest.StartAsync(store: Store);
        car = await centre.EnrolAsync("PB-1");
    }

    public async Task DisposeAsync()
    {
        car.Dispose();
        await centre.DisposeAsync();
    }

    [Fact]
    public async Task Evidence_without_its_event_is_refused()
    {
        var header = Header(car.Health(), content);
        Assert.Equal(StatusCode.NotFound, await UploadAsync(header, content));
        Assert.Equal(StatusCode.InvalidArgument, await UploadAsync(new EvidenceHeader(), content));
    }

    [Fact]
    public async Task An_upload_is_whole_hashed_and_sealed_when_the_receipt_comes()
    {
        var header = await AnnounceAsync(content);
        Assert.Equal(StatusCode.OK, await UploadAsync(header, content));
        var path = Path.Combine(centre.Data, "evidence", Hex(content)[..2], Hex(content));
        Assert.True(File.Exists(path));
        Assert.DoesNotContain(Convert.ToHexString(content.AsSpan(1000, 16)), Convert.ToHexString(await File.ReadAllBytesAsync(path)));
        var progress = await StatusAsync(content);
        Assert.Equal((true, 300_000UL), (progress.Complete, progress.DurableBytes));
        // Once more is answered at once, and another event of the same content needs no second upload.
        Assert.Equal(StatusCode.OK, await UploadAsync(header, content));
        Assert.Equal(content, await DownloadAsync(0));
        Assert.Equal(content[100_000..], await DownloadAsync(100_000));
    }

    [Fact]
    public async Task A_cut_upload_goes_on_where_its_last_whole_block_ended()
    {
        var header = await AnnounceAsync(content);
        using (var cut = new CancellationTokenSource())
        {
            using var call = new Evidence.EvidenceClient(car.Channel).Upload(cancellationToken: cut.Token);
            await call.RequestStream.WriteAsync(new EvidenceChunk { Header = header });
            await call.RequestStream.WriteAsync(new EvidenceChunk { Data = ByteString.CopyFrom(content.AsSpan(0, 150_000)) });
            await UntilAsync(async () => (await StatusAsync(content)).DurableBytes >= 131_072);
            await cut.CancelAsync();
        }
        var progress = await StatusAsync(content);
        Assert.Equal((false, 131_072UL), (progress.Complete, progress.DurableBytes));
        await UntilAsync(async () => await UploadAsync(header, content) == StatusCode.OutOfRange);
        header.Offset = progress.DurableBytes;
        Assert.Equal(StatusCode.OK, await UploadAsync(header, content[131_072..]));
        Assert.Equal(content, await DownloadAsync(0));
    }

    [Theory]
    [InlineData(16 + 65_552 + 400, 65_536UL)] // in the second block
    [InlineData(3, 0UL)] // in the salt, without which no block can be opened
    public async Task An_upload_whose_tail_a_power_cut_spoiled_goes_on_before_the_damage(int damagedAt, ulong sound)
    {
        var header = await AnnounceAsync(content);
        Assert.Equal(StatusCode.Unavailable, await UploadAsync(header, content[..200_000]));
        var path = Assert.Single(Directory.GetFiles(Path.Combine(centre.Data, "evidence", "incoming")));
        var bytes = await File.ReadAllBytesAsync(path);
        bytes.AsSpan(damagedAt, 512).Clear();
        await File.WriteAllBytesAsync(path, bytes);
        // The length still promises more than there is: the first try finds out, and says so.
        header.Offset = (await StatusAsync(content)).DurableBytes;
        Assert.Equal(StatusCode.OutOfRange, await UploadAsync(header, content[(int)header.Offset..]));
        header.Offset = (await StatusAsync(content)).DurableBytes;
        Assert.Equal(sound, header.Offset);
        Assert.Equal(StatusCode.OK, await UploadAsync(header, content[(int)header.Offset..]));
        Assert.Equal(content, await DownloadAsync(0));
    }

    [Fact]
    public async Task A_stream_that_ends_too_early_is_kept_for_later()
    {
        var header = await AnnounceAsync(content);
        Assert.Equal(StatusCode.Unavailable, await UploadAsync(header, content[..100_000]));
        Assert.Equal(65_536UL, (await StatusAsync(content)).DurableBytes);
    }

    [Fact]
    public async Task Content_of_another_hash_or_length_is_data_loss_and_leaves_nothing()
    {
        var header = await AnnounceAsync(content);
        var wrong = content.ToArray();
        wrong[200_000] ^= 1;
        Assert.Equal(StatusCode.DataLoss, await UploadAsync(header, wrong));
        Assert.Equal(0UL, (await StatusAsync(content)).DurableBytes);
        Assert.Equal(StatusCode.DataLoss, await UploadAsync(header, [.. content, 1]));
        Assert.Equal(0UL, (await StatusAsync(content)).DurableBytes);
        Assert.Empty(Directory.GetFiles(Path.Combine(centre.Data, "evidence", "incoming")));
        Assert.Equal(StatusCode.OK, await UploadAsync(header, content));
    }

    [Fact]
    public async Task Another_unit_sees_nothing_of_it()
    {
        var header = await AnnounceAsync(content);
        Assert.Equal(StatusCode.OK, await UploadAsync(header, content));
        using var other = await centre.EnrolAsync("PB-2");
        var client = new Evidence.EvidenceClient(other.Channel);
        var status = await client.StatusAsync(new EvidenceStatusRequest { Sha256 = { ByteString.CopyFrom(SHA256.HashData(content)) } });
        Assert.Equal((false, 0UL), (Assert.Single(status.Items).Complete, status.Items[0].DurableBytes));
        using var download = client.Download(new DownloadRequest { Sha256 = ByteString.CopyFrom(SHA256.HashData(content)) });
        Assert.Equal(StatusCode.NotFound, (await Assert.ThrowsAsync<RpcException>(() => download.ResponseStream.MoveNext(CancellationToken.None))).StatusCode);
    }

    [Fact]
    public void A_changed_sealed_file_is_noticed()
    {
        using var sealing = new Sealing(Sealing.NewKey());
        var path = Path.Combine(centre.Folder, "sealed");
        using (var file = SealedFile.OpenToAppend(path, sealing))
        {
            file.Append(content);
            file.End();
        }
        var bytes = File.ReadAllBytes(path);
        bytes[100_000] ^= 1;
        File.WriteAllBytes(path, bytes);
        using var reader = SealedFile.OpenToRead(path, sealing);
        Assert.True(reader.TryReadBlock(out _));
        Assert.ThrowsAny<CryptographicException>(() => reader.TryReadBlock(out _));
    }

    private async Task<EvidenceHeader> AnnounceAsync(byte[] bytes)
    {
        using var session = await car.ConnectAsync();
        var e = car.Health();
        var header = Header(e, bytes);
        e.Attachments.Add(header.Attachment);
        Assert.Equal(AckStatus.Stored, Assert.Single(await session.StoreAsync(e)).Status);
        return header;
    }

    private static EvidenceHeader Header(Event e, byte[] bytes) => new()
    {
        EventId = e.Id,
        Attachment = new AttachmentRef { Sha256 = ByteString.CopyFrom(SHA256.HashData(bytes)), SizeBytes = (ulong)bytes.Length, MediaType = "video/mp4" },
    };

    private async Task<StatusCode> UploadAsync(EvidenceHeader header, byte[] bytes)
    {
        using var call = new Evidence.EvidenceClient(car.Channel).Upload();
        try
        {
            await call.RequestStream.WriteAsync(new EvidenceChunk { Header = header });
            foreach (var part in bytes.Chunk(50_000))
                await call.RequestStream.WriteAsync(new EvidenceChunk { Data = ByteString.CopyFrom(part) });
            await call.RequestStream.CompleteAsync();
        }
        catch (Exception e) when (e is RpcException or InvalidOperationException)
        {
            // Answered before all was sent.
        }
        try
        {
            var receipt = await call;
            Assert.Equal(header.Attachment.Sha256, receipt.Sha256);
            return StatusCode.OK;
        }
        catch (RpcException e)
        {
            return e.StatusCode;
        }
    }

    private async Task<EvidenceProgress> StatusAsync(byte[] bytes) => Assert.Single((await new Evidence.EvidenceClient(car.Channel).StatusAsync(
        new EvidenceStatusRequest { Sha256 = { ByteString.CopyFrom(SHA256.HashData(bytes)) } })).Items);

    private async Task<byte[]> DownloadAsync(ulong offset)
    {
        using var call = new Evidence.EvidenceClient(car.Channel).Download(new DownloadRequest { Sha256 = ByteString.CopyFrom(SHA256.HashData(content)), Offset = offset });
        using var bytes = new MemoryStream();
        while (await call.ResponseStream.MoveNext(CancellationToken.None))
            call.ResponseStream.Current.Data.WriteTo(bytes);
        return bytes.ToArray();
    }

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    internal static async Task UntilAsync(Func<Task<bool>> done)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (!await done())
            await Task.Delay(20, limit.Token);
    }
}

public sealed class EvidenceTestsOnPostgres : EvidenceTests
{
    protected override CentreStore Store => CentreStore.Postgres;
}
