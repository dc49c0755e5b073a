using EdgeAgent.Chaos.Records;
using EdgeAgent.Tests.DispatchClient;

namespace EdgeAgent.Tests.Chaos;

/// <summary>`chaos audit`, `chaos clock` and `chaos alerts`, short, and the same without what makes them hold.</summary>
public sealed class RecordsTests
{
    [Fact]
    public void Every_change_of_an_audit_chain_is_found_and_without_the_head_outside_some_are_not()
    {
        using var folder = new TemporaryDirectory();
        AuditFigures figures = Audit(folder.At("with"), withHead: true);
        Assert.Equal((570, 570), (figures.Count, figures.Found));
        Assert.Equal(19, figures.Kinds.Count);
        AuditFigures blind = Audit(folder.At("without"), withHead: false);
        Assert.InRange(blind.Found, 300, 560);
        Assert.NotEmpty(blind.Wrong());
    }

    [Fact]
    public void No_clock_revives_a_list_or_ends_it_early_and_a_car_that_believed_its_clock_is_found_out()
    {
        using var folder = new TemporaryDirectory();
        ClockFigures figures = Clock(folder.At("trusted"), believesWall: false);
        Assert.Empty(figures.Wrong());
        Assert.Equal(12, figures.Incidents.Count);
        Assert.NotEmpty(Clock(folder.At("wall"), believesWall: true).Wrong());
    }

    [Fact]
    public void In_no_order_of_events_is_an_alert_confirmed_without_a_signed_decision_and_a_book_that_did_so_is_found_out()
    {
        using var folder = new TemporaryDirectory();
        AlertFigures figures = Alerts(folder.At("signed"), signs: true);
        Assert.Empty(figures.Wrong());
        Assert.Equal((1464, 3, 3536), (figures.Every, figures.Depth, figures.Random));
        Assert.NotEmpty(Alerts(folder.At("unsigned"), signs: false).Wrong());
    }

    private static AlertFigures Alerts(string folder, bool signs)
    {
        Directory.CreateDirectory(folder);
        return new AlertRun(ChaosProgram.Seed, folder, TextWriter.Null, signs).Run(5000, CancellationToken.None);
    }

    private static AuditFigures Audit(string folder, bool withHead)
    {
        Directory.CreateDirectory(folder);
        return new AuditRun(ChaosProgram.Seed, folder, TextWriter.Null, withHead).Run(570, 50, CancellationToken.None);
    }

    private static ClockFigures Clock(string folder, bool believesWall)
    {
        Directory.CreateDirectory(folder);
        return new ClockRun(ChaosProgram.Seed, folder, TextWriter.Null, believesWall).Run(60, CancellationToken.None);
    }
}
