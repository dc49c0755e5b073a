using System.CommandLine;

namespace EdgeAgent.Benchmarks.Fleet;

internal static class FleetCommand
{
    public static Command Create()
    {
        var cars = new Option<int>("--cars") { Description = "simulated cars", DefaultValueFactory = _ => 1000 };
        var gateways = new Option<int>("--gateways") { Description = "1: on SQLite; more: on PostgreSQL and RabbitMQ, one is killed half-way", DefaultValueFactory = _ => 1 };
        var seconds = new Option<int>("--seconds") { Description = "measured before the storm, and after a kill", DefaultValueFactory = _ => 30 };
        var alerts = new Option<int>("--alerts") { Description = "signed, decided alerts in the storm", DefaultValueFactory = _ => 2000 };
        var alertSeconds = new Option<int>("--alert-seconds") { Description = "in which they are sent", DefaultValueFactory = _ => 10 };
        var postgres = new Option<bool>("--postgres") { Description = "one gateway on PostgreSQL" };
        var seed = new Option<int>("--seed") { Description = "of places, jitter and order", DefaultValueFactory = _ => 20260 };
        var command = new Command("fleet", "Cars of a city on this machine: age of positions at a console, a storm of alerts, a gateway killed.")
        {
            cars, gateways, seconds, alerts, alertSeconds, postgres, seed,
        };
        command.SetAction(parsed => Report.RunAsync(() => FleetBench.RunAsync(
            new FleetOptions(
                parsed.GetValue(cars), parsed.GetValue(gateways), parsed.GetValue(seconds), parsed.GetValue(alerts), parsed.GetValue(alertSeconds),
                parsed.GetValue(seed), parsed.GetValue(postgres)),
            Console.Error)));
        return command;
    }

    /// <summary>The other process of the same bench.</summary>
    public static Command Cars()
    {
        var file = new Option<string>("--cars-file") { Required = true };
        var gateway = new Option<string[]>("--gateway") { Required = true };
        var seed = new Option<int>("--seed");
        var command = new Command("fleet-cars", "The cars of 'bench fleet', which starts this itself.") { file, gateway, seed };
        command.Hidden = true;
        command.SetAction(parsed => CarSwarm.RunAsync(
            parsed.GetRequiredValue(file), [.. parsed.GetRequiredValue(gateway).Select(g => new Uri(g))], parsed.GetValue(seed)));
        return command;
    }
}
