using EdgeAgent.CommandCentre.Identity;
using EdgeAgent.Contract;
using EdgeAgent.DispatchClient.Identity;
using EdgeAgent.DispatchClient.Outbox;
using EdgeAgent.DispatchClient.Uplink;
using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;
using Patrol.Dispatch.V1;
using ClientEnrolment = EdgeAgent.DispatchClient.Identity.Enrolment;

namespace EdgeAgent.Tests.CommandCentre;

/// <summary>The car's own link against the centre: both ends are the real ones.</summary>
public sealed class RealCarTests
{
    [Fact]
    public async Task Enrolled_by_code_a_car_delivers_everything_once_over_restarts_of_the_centre()
    {
        await using var centre = await CentreUnderTest.StartAsync();
        using var authority = DeviceAuthority.Load(new DataFolder(centre.Data), TimeProvider.System);
        var identityFolder = Path.Combine(centre.Folder, "car", "identity");
        Directory.CreateDirectory(Path.GetDirectoryName(identityFolder)!);
        Assert.Equal("PB-1", await ClientEnrolment.EnrolAsync(centre.Grpc, $"{centre.EnrolmentCode("PB-1")}.{authority.FingerprintHex}", identityFolder, CancellationToken.None));
        _ = centre.IssuePlates("stolen", "京A12345");

        using var identity = UnitIdentity.Load(identityFolder);
        await using var outbox = OutboxStore.Open(
            new OutboxOptions { Directory = Path.Combine(centre.Folder, "car", "data") }, PayloadSeal.AesGcm(new byte[32]), TimeProvider.System);
        await using var link = new CentreLink(
            new LinkOptions { Centre = centre.Grpc, FirstRetry = TimeSpan.FromMilliseconds(50), LongestRetry = TimeSpan.FromMilliseconds(200) },
            identity,
            outbox,
            (_, _) => new(new CommandAck { Outcome = CommandOutcome.Stored }),
            () => new Hello { SoftwareVersion = "test", CameraIds = { "cam1" } },
            TimeProvider.System,
            NullLoggerFactory.Instance);
        var verified = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        link.TimeVerified += _ => verified.TrySetResult();
        using var stop = new CancellationTokenSource();
        var running = link.RunAsync(stop.Token);

        var clip = new byte[200_000];
        var ids = new List<string>();
        var port = centre.Grpc.Port;
        for (var number = 0; number < 300; number++)
        {
            var draft = new EventDraft(
                (Lane)(1 + (number % 6)), number % 7 == 0 ? Priority.Urgent : Priority.History, "010001", 1_780_000_000_000, TimeTrust.Centre,
                e => e.UnitHealth = new UnitHealth { SoftwareVersion = "test" },
                number == 10 ? [AttachmentDraft.OfBytes(AttachmentRole.Clip, "video/mp4", clip)] : null);
            ids.Add(Uuid7.ToGuid(outbox.Append(draft).Id.Span).ToString());
            if (number is 100 or 200)
                await centre.RestartAsync(port);
        }
        await verified.Task.WaitAsync(TimeSpan.FromSeconds(20));
        await UntilAsync(() => centre.Books("PB-1") is { Events: 300, MissingNumbers: 0 });
        Assert.Equal(ids.Order(StringComparer.Ordinal), centre.Books("PB-1").Ids!.Order(StringComparer.Ordinal));
        Assert.Equal(0, centre.Books("PB-1").RefusedEvents);

        var asked = new LookUpRequest
        {
            Id = ByteString.CopyFrom(Uuid7.New(TimeProvider.System)),
            Kind = LookUpKind.Plate,
            Subject = "京A12345",
            Purpose = LookUpPurpose.TrafficStop,
            OfficerId = "010001",
            SessionId = "s1",
        };
        Assert.Equal(LookUpCodes.OfficerNotOnRoster, (await link.CheckAsync(asked, CancellationToken.None)).Code);

        var offer = Assert.Single((await link.ListIndexAsync()).Offers);
        var list = await link.FetchListAsync(offer);
        Assert.True(WatchlistVerifier.Verify(list, new ListTrust([.. identity.ListRoots]), new ListCheck { NowUnixMs = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() }).Accepted);
        var sha = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(clip));
        await UntilAsync(() => File.Exists(Path.Combine(centre.Data, "evidence", sha[..2], sha)));
        await stop.CancelAsync();
        await running;
    }

    private static async Task UntilAsync(Func<bool> done)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(40));
        while (!done())
            await Task.Delay(50, limit.Token);
    }
}
