using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using EdgeAgent.Hw.Onvif;
using EdgeAgent.Rig.Onvif;
using EdgeAgent.Tests.Rig;
using EdgeAgent.Tests.Support;

namespace EdgeAgent.Tests.Hw;

/// <summary>Cameras found by WS-Discovery on loopback, with the bench's cameras to answer.</summary>
public sealed class DiscoveryTests
{
    private const string Message = "urn:uuid:1f1b0a40-0000-0000-0000-000000000001";
    private static readonly DiscoverableCamera Front = new(Guid.NewGuid(), new Uri("http://127.0.0.1:18080/onvif/device_service"), "Front / 前", "cam2");
    private static readonly DiscoverableCamera Rear = new(Guid.NewGuid(), new Uri("http://127.0.0.1:18081/onvif/device_service"), "Rear", "cam5");

    [Fact]
    public async Task Cameras_that_answer_are_found_each_once_with_name_and_address()
    {
        await using var bench = new DiscoveryResponder([Front, Rear]);
        var found = await FindAsync();
        // Another bench on this machine may answer as well.
        foreach (var camera in (DiscoverableCamera[])[Front, Rear])
            Assert.Equal(
                new FoundCamera($"urn:uuid:{camera.Id}", camera.DeviceService, camera.Name, camera.Hardware), Assert.Single(found, f => f.Id == $"urn:uuid:{camera.Id}"));
    }

    [Fact]
    public async Task Nobody_is_found_where_nobody_is_and_a_stop_ends_it_at_once()
    {
        Assert.DoesNotContain(await FindAsync(), f => f.DeviceService == Front.DeviceService);
        using var stop = new CancellationTokenSource();
        var finding = WsDiscovery.FindAsync(new DiscoveryOptions(TimeSpan.FromMinutes(5)) { From = [IPAddress.Loopback] }, stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => finding);
    }

    [Fact]
    public async Task A_client_written_against_real_cameras_finds_the_same()
    {
        await using var bench = new DiscoveryResponder([Front, Rear]);
        string script = Path.Combine(Repository.Root, "tests", "EdgeAgent.Tests", "hw", "onvif-discovery.mjs");
        (int exitCode, string output, string error) = await Programs.RunAsync("node", [script]);
        Assert.True(exitCode == 0, error);
        string[] found = [.. JsonNode.Parse(output)!.AsArray().Select(c => (string)c!)];
        Assert.Contains(Front.DeviceService.ToString(), found);
        Assert.Contains(Rear.DeviceService.ToString(), found);
    }

    [Theory]
    [InlineData("")]
    [InlineData("not xml")]
    [InlineData("<Envelope/>")]
    [InlineData("<!DOCTYPE x [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><x>&a;</x>")]
    public void What_is_no_answer_is_nobody(string datagram) => Assert.Empty(WsDiscovery.Read(Encoding.UTF8.GetBytes(datagram), Message));

    [Theory]
    [InlineData("urn:uuid:other", "http://192.0.2.7/onvif/device_service", "urn:uuid:a")] // somebody else's answer
    [InlineData(Message, "file:///etc/passwd", "urn:uuid:a")]
    [InlineData(Message, "", "urn:uuid:a")]
    [InlineData(Message, "http://192.0.2.7/onvif/device_service", "")]
    public void An_answer_to_another_probe_or_without_a_place_to_ask_is_nobody(string relatesTo, string addresses, string id) =>
        Assert.Empty(WsDiscovery.Read(Encoding.UTF8.GetBytes(Answer(relatesTo, addresses, id)), Message));

    [Fact]
    public void Of_several_addresses_the_one_that_is_good_everywhere_is_taken()
    {
        string answer = Answer(Message, "http://[fe80::1]/onvif/device_service ftp://192.0.2.7/ http://192.0.2.7/onvif/device_service", "urn:uuid:a");
        Assert.Equal(new Uri("http://192.0.2.7/onvif/device_service"), Assert.Single(WsDiscovery.Read(Encoding.UTF8.GetBytes(answer), Message)).DeviceService);
        Assert.Empty(WsDiscovery.Read(Encoding.UTF8.GetBytes(answer[..^20]), Message));
    }

    private static Task<IReadOnlyList<FoundCamera>> FindAsync() =>
        WsDiscovery.FindAsync(new DiscoveryOptions(TimeSpan.FromSeconds(1)) { From = [IPAddress.Loopback] }, CancellationToken.None);

    private static string Answer(string relatesTo, string addresses, string id) => $"""
        <s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing"
         xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"><s:Header><a:RelatesTo>{relatesTo}</a:RelatesTo></s:Header><s:Body>
        <d:ProbeMatches><d:ProbeMatch><a:EndpointReference><a:Address>{id}</a:Address></a:EndpointReference><d:XAddrs>{addresses}</d:XAddrs></d:ProbeMatch></d:ProbeMatches>
        </s:Body></s:Envelope>
        """;
}
