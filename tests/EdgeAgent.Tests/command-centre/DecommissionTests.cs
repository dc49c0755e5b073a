using System.Text.Json;
using EdgeAgent.Contract;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.CommandCentre;

/// <summary>A unit that two people make none any more: ordered by signature, revoked once it has had its time.</summary>
public sealed class DecommissionTests
{
    [Fact]
    public async Task One_person_proposes_another_approves_and_the_unit_is_revoked_only_after_its_time_to_tell_what_waits()
    {
        var time = new ManualTime();
        await using var centre = CentreUnderTest.Make();
        await centre.StartWithAsync(options => options, time);
        using var car = await centre.EnrolAsync("PB-1");
        using var session = await car.ConnectAsync();
        var (tech, root, li) = (await PersonAsync(centre, "tech", "technician"), await PersonAsync(centre, "root", "admin"), await PersonAsync(centre, "li", "supervisor"));
        Assert.Equal("typed_wrong", await ActAsync(tech, "/api/admin/units/PB-1/decommission", new { reason = "stolen tonight", typed = "PB-2" }));
        Assert.Equal("reason_required", await ActAsync(tech, "/api/admin/units/PB-1/decommission", new { reason = "", typed = "PB-1" }));
        Assert.Equal("unknown_unit", await ActAsync(tech, "/api/admin/units/PB-9/decommission", new { reason = "stolen tonight", typed = "PB-9" }));
        Assert.Equal("", await ActAsync(root, "/api/admin/units/PB-1/decommission", new { reason = "stolen tonight", typed = "PB-1" }));
        Assert.Equal("already_proposed", await ActAsync(tech, "/api/admin/units/PB-1/decommission", new { reason = "stolen tonight", typed = "PB-1" }));
        Assert.Equal("proposed", await StateAsync(tech));
        var id = (Guid)System.Text.Json.Nodes.JsonNode.Parse(await li.Http.GetStringAsync(new Uri("/api/admin/decommissions", UriKind.Relative)))![0]!["proposalId"]!;
        Assert.Equal("own_proposal", await ActAsync(root, $"/api/admin/decommissions/{id}/approve", new { password = CentreUnderTest.Password }));
        Assert.Equal("not_allowed", await ActAsync(tech, $"/api/admin/decommissions/{id}/approve", new { password = CentreUnderTest.Password }));
        Assert.Equal("", await ActAsync(li, $"/api/admin/decommissions/{id}/approve", new { password = CentreUnderTest.Password }));

        var command = await session.CommandAsync(Command.BodyOneofCase.Decommission);
        var order = UnitDecommission.Parser.ParseFrom(command.Decommission.Payload);
        Assert.Equal(("PB-1", "stolen tonight", "root", "li", "admin"), (order.UnitId, order.Reason, order.ProposedBy, order.ApprovedBy, command.IssuerRole));
        Assert.NotNull(Envelopes.OpenTrusted(
            command.Decommission, Envelopes.DecommissionType, SignerRole.Centre,
            [.. car.Reply!.CentreSigners.Select(der => System.Security.Cryptography.X509Certificates.X509CertificateLoader.LoadCertificate(der.Span))]));
        Assert.Equal("waiting", await StateAsync(tech));
        await session.AcceptAsync(command);
        await EventuallyAsync(async () => await StateAsync(tech) == "stored");
        // It still tells what waits in it.
        Assert.Equal(AckStatus.Stored, Assert.Single(await session.StoreAsync(car.Health())).Status);
        Assert.DoesNotContain(centre.Audit(), row => row.StartsWith("centre unit_revoked PB-1", StringComparison.Ordinal));
        time.Advance(TimeSpan.FromMinutes(3));
        await EventuallyAsync(() => Task.FromResult(centre.Audit().Any(row => row.StartsWith("centre unit_revoked PB-1 decommissioned", StringComparison.Ordinal))));
        Assert.Contains(centre.Audit(), row => row.StartsWith($"li decommission_approved {id} PB-1", StringComparison.Ordinal));
        Assert.Equal("unit_revoked", await ActAsync(tech, "/api/admin/units/PB-1/decommission", new { reason = "stolen tonight", typed = "PB-1" }));
        foreach (var person in (ConsoleClient[])[tech, root, li])
            person.Dispose();
    }

    [Fact]
    public async Task An_order_is_for_the_box_that_was_the_unit_then_and_never_for_the_one_that_takes_its_place()
    {
        await using var centre = await CentreUnderTest.StartAsync();
        (await centre.EnrolAsync("PB-1")).Dispose();
        _ = await centre.CommandAsync(null, "enrol", "--unit", "PB-2", "--label", "two");
        var (root, li) = (await PersonAsync(centre, "root", "admin"), await PersonAsync(centre, "li", "supervisor"));
        Assert.Equal("not_enrolled", await ActAsync(root, "/api/admin/units/PB-2/decommission", new { reason = "stolen tonight", typed = "PB-2" }));
        Assert.Equal("", await ActAsync(root, "/api/admin/units/PB-1/decommission", new { reason = "stolen tonight", typed = "PB-1" }));
        Assert.Equal("", await ActAsync(li, $"/api/admin/decommissions/{await ProposalAsync(li)}/approve", new { password = CentreUnderTest.Password }));
        Assert.Equal("waiting", await StateAsync(root));
        // The stolen box never came on line; another one becomes PB-1.
        (await centre.EnrolAsync("PB-1")).Dispose();
        Assert.Equal("", await StateAsync(root));
        Assert.Equal("", await ActAsync(root, "/api/admin/units/PB-1/decommission", new { reason = "stolen again", typed = "PB-1" }));
        using var third = await centre.EnrolAsync("PB-1");
        Assert.Equal("", await ActAsync(li, $"/api/admin/decommissions/{await ProposalAsync(li)}/approve", new { password = CentreUnderTest.Password }));
        Assert.Equal("", await StateAsync(root));
        using var session = await third.ConnectAsync();
        Assert.Equal(AckStatus.Stored, Assert.Single(await session.StoreAsync(third.Health())).Status);
        foreach (var person in (ConsoleClient[])[root, li])
            person.Dispose();
    }

    [Fact]
    public async Task What_is_of_another_district_is_neither_seen_nor_approved_there()
    {
        await using var centre = await CentreUnderTest.StartAsync();
        (await centre.EnrolAsync("PB-1")).Dispose();
        using var root = await PersonAsync(centre, "root", "admin");
        Assert.Equal("", await ActAsync(root, "/api/admin/units/PB-1/place", new { label = "1", district = "east", policeType = "traffic" }));
        Assert.Equal("", await ActAsync(root, "/api/admin/units/PB-1/decommission", new { reason = "stolen tonight", typed = "PB-1" }));
        var id = (Guid)System.Text.Json.Nodes.JsonNode.Parse(await root.Http.GetStringAsync(new Uri("/api/admin/decommissions", UriKind.Relative)))![0]!["proposalId"]!;
        centre.AddAccount("west", "supervisor", district: "west");
        using var west = await ConsoleClient.SignedInAsync(centre.Http, "west");
        Assert.Equal("[]", await west.Http.GetStringAsync(new Uri("/api/admin/decommissions", UriKind.Relative)));
        Assert.Equal("unknown_proposal", await ActAsync(west, $"/api/admin/decommissions/{id}/approve", new { password = CentreUnderTest.Password }));
        Assert.Equal("unknown_proposal", await ActAsync(west, $"/api/admin/decommissions/{id}/reject", new { reason = "not ours to take" }));
    }

    private static async Task<ConsoleClient> PersonAsync(CentreUnderTest centre, string name, string role)
    {
        centre.AddAccount(name, role);
        return await ConsoleClient.SignedInAsync(centre.Http, name);
    }

    private static async Task<Guid> ProposalAsync(ConsoleClient person) => (Guid)System.Text.Json.Nodes.JsonNode.Parse(
        await person.Http.GetStringAsync(new Uri("/api/admin/decommissions", UriKind.Relative)))!.AsArray().First(p => (string?)p!["state"] == "proposed")!["proposalId"]!;

    private static async Task<string> ActAsync(ConsoleClient person, string path, object body)
    {
        var (status, json) = await person.PostAsync(path, JsonSerializer.Serialize(body, JsonSerializerOptions.Web));
        return (int)status is >= 200 and < 300 ? "" : (string?)json?["code"] ?? status.ToString();
    }

    private static async Task<string> StateAsync(ConsoleClient person) => (string)System.Text.Json.Nodes.JsonNode.Parse(
        await person.Http.GetStringAsync(new Uri("/api/admin/units", UriKind.Relative)))![0]!["decommission"]!;

    private static async Task EventuallyAsync(Func<Task<bool>> holds)
    {
        for (var look = 0; look < 300; look++)
        {
            if (await holds())
                return;
            await Task.Delay(100);
        }
        Assert.Fail("not within 30 s");
    }
}
