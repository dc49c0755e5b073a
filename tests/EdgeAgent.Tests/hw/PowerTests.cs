using System.Net;
using System.Net.Sockets;
using System.Text;
using EdgeAgent.Hw.Power;
using EdgeAgent.Hw.Programs;
using EdgeAgent.Tests.Support;

namespace EdgeAgent.Tests.Hw;

/// <summary>Ignition and supply. There is no GPIO chip and no UPS here: gpioget is played by what it prints, the UPS by NUT's own simulated driver.</summary>
public sealed class PowerTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("power-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("0\n", false)]
    [InlineData("1", true)]
    [InlineData(" 1 \n", true)]
    [InlineData("", null)]
    [InlineData("on", null)]
    [InlineData("11", null)]
    [InlineData("1 and then far more than any line's value ever is", null)]
    public async Task A_file_that_holds_anything_but_0_or_1_is_not_known_and_says_so(string held, bool? isOn)
    {
        string file = Path.Combine(folder, "ignition");
        await File.WriteAllTextAsync(file, held);
        var read = await new FileIgnition(file).ReadAsync(default);
        Assert.Equal(isOn, read.IsOn);
        Assert.Equal(isOn is null, read.Fault.Length > 0);
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_not_known()
    {
        var read = await new FileIgnition(Path.Combine(folder, "none")).ReadAsync(default);
        Assert.Null(read.IsOn);
        Assert.Contains("none", read.Fault, StringComparison.Ordinal);
    }

    // What gpioget 1.6.3 of Debian 12 prints: the value, or this on standard error.
    [Theory]
    [InlineData("echo 1", true, "")]
    [InlineData("echo 0", false, "")]
    [InlineData("echo 'gpioget: error reading GPIO values: No such file or directory' >&2; exit 1", null, "gpioget: error reading GPIO values: No such file or directory")]
    [InlineData("echo 'gpioget: error reading GPIO values: Device or resource busy' >&2; exit 1", null, "gpioget: error reading GPIO values: Device or resource busy")]
    [InlineData("echo '\"17\"=active'", null, "said neither 0 nor 1")]
    [InlineData("yes", null, "too_long")]
    public async Task A_line_is_what_gpioget_says_of_it(string script, bool? isOn, string fault)
    {
        var read = await Gpio(Script.Write(folder, "gpioget", script)).ReadAsync(default);
        Assert.Equal(isOn, read.IsOn);
        Assert.Contains(fault, read.Fault, StringComparison.Ordinal);
        Assert.Equal(isOn is null, read.Fault.Length > 0);
    }

    [Fact]
    public async Task The_line_is_asked_for_with_its_chip_offset_polarity_and_bias_and_never_through_a_shell()
    {
        string said = Path.Combine(folder, "asked");
        var line = new GpioLine("gpiochip0; reboot", 17, IsActiveLow: true, "pull-up");
        _ = await new GpioIgnition(Script.Write(folder, "gpioget", $"printf '%s|' \"$@\" > {said}; echo 1"), line, TimeProvider.System).ReadAsync(default);
        Assert.Equal("--active-low|--bias=pull-up|gpiochip0; reboot|17|", await File.ReadAllTextAsync(said));
    }

    [Fact]
    public async Task A_program_that_hangs_or_is_not_there_is_a_fault_within_its_time_and_is_not_left_behind()
    {
        string child = Path.Combine(folder, "child");
        var answer = await SystemProgram.RunAsync(
            Script.Write(folder, "hangs", $"sleep 3600 & echo $! > {child}; wait"), [], TimeSpan.FromSeconds(1), TimeProvider.System, default);
        Assert.Equal("timed_out", answer.Fault);
        await Until(() => !Directory.Exists($"/proc/{File.ReadAllText(child).Trim()}"));
        Assert.Equal("gpioget-is-not-here: not_installed", (await Gpio("gpioget-is-not-here").ReadAsync(default)).Fault);
    }

    [NutFact]
    public async Task A_ups_tells_supply_battery_and_that_it_is_nearly_empty()
    {
        await using var twin = await NutTwin.StartAsync("ups.status: OL CHRG", "input.voltage: 13.9", "battery.voltage: 13.6", "battery.charge: 97", "battery.runtime: 1800");
        var client = new NutClient(UpsAddress.Parse(twin.Address)!, TimeProvider.System);
        SupplyReading read = SupplyReading.Faulty("not asked");
        await Until(async () => (read = await client.ReadAsync(default)).Fault.Length == 0);
        Assert.Equal(new SupplyReading("", false, false, 13.9, 13.6, 97, 1800), read);
        twin.Say("ups.status: OB DISCHRG LB", "battery.charge: 8");
        await Until(async () => (read = await client.ReadAsync(default)).IsBatteryLow);
        Assert.Equal((true, 8.0), (read.IsOnBattery, read.ChargePercent));
        Assert.Equal("unknown_ups", (await new NutClient(new UpsAddress("other", "127.0.0.1", twin.Port), TimeProvider.System).ReadAsync(default)).Fault);
        await twin.StopDriverAsync();
        await Until(async () => (read = await client.ReadAsync(default)).Fault is "driver_not_connected" or "data_stale");
        Assert.Null(read.IsOnBattery);
    }

    [Theory]
    [InlineData("", "bad_answer")]
    [InlineData("HTTP/1.1 400 Bad Request\r\n\r\n", "bad_answer")]
    [InlineData("BEGIN LIST VAR car\nEND LIST VAR car\n", "bad_answer")]
    [InlineData("BEGIN LIST VAR car\nVAR car ups.status \"OL\nVAR car input.voltage\nVAR other ups.status \"OL\"\nEND LIST VAR car\n", "bad_answer")]
    [InlineData("ERR DATA-STALE\n", "data_stale")]
    [InlineData("ERR ACCESS-DENIED\n", "access_denied")]
    public async Task Whatever_else_answers_is_no_supply(string answer, string fault) => Assert.Equal(fault, (await AskedAsync(answer)).Fault);

    [Fact]
    public async Task Numbers_that_are_none_are_not_known_and_escaped_text_is_read()
    {
        var read = await AskedAsync("BEGIN LIST VAR car\nVAR car ups.mfr \"A \\\"B\\\"\"\nVAR car ups.status \"OB\"\nVAR car input.voltage \"NaN\"\nVAR car battery.charge \"1e999\"\nVAR car battery.voltage \"12,4\"\nEND LIST VAR car\n");
        Assert.Equal(new SupplyReading("", true, false, null, null, null, null), read);
    }

    [Fact]
    public async Task An_answer_without_an_end_is_given_up_and_so_is_nobody()
    {
        Assert.Equal("bad_answer", (await AskedAsync(new string('V', 100_000))).Fault);
        Assert.Equal("not_reachable", (await new NutClient(new UpsAddress("car", "127.0.0.1", 1), TimeProvider.System).ReadAsync(default)).Fault);
    }

    [Theory]
    [InlineData("car@localhost", "car", "localhost", 3493)]
    [InlineData("car-1@10.0.0.4:4000", "car-1", "10.0.0.4", 4000)]
    [InlineData("car", null, null, 0)]
    [InlineData("@localhost", null, null, 0)]
    [InlineData("car@", null, null, 0)]
    [InlineData("car@host:0", null, null, 0)]
    [InlineData("car@host:port", null, null, 0)]
    [InlineData("a b@host", null, null, 0)]
    public void An_address_is_nuts_own(string written, string? ups, string? host, int port) =>
        Assert.Equal(ups is null ? null : new UpsAddress(ups, host!, port), UpsAddress.Parse(written));

    private static GpioIgnition Gpio(string program) => new(program, new GpioLine("gpiochip0", 17, false, "as-is"), TimeProvider.System);

    private static async Task<SupplyReading> AskedAsync(string answer)
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        var asking = new NutClient(new UpsAddress("car", "127.0.0.1", ((IPEndPoint)server.LocalEndpoint).Port), TimeProvider.System).ReadAsync(default);
        using (var client = await server.AcceptTcpClientAsync())
        {
            using var question = new StreamReader(client.GetStream(), leaveOpen: true);
            Assert.Equal("LIST VAR car", await question.ReadLineAsync());
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(answer));
        }
        return await asking;
    }

    private static Task Until(Func<bool> holds) => Until(() => Task.FromResult(holds()));

    private static async Task Until(Func<Task<bool>> holds)
    {
        long until = TimeProvider.System.GetTimestamp() + (30 * TimeProvider.System.TimestampFrequency);
        while (!await holds())
        {
            Assert.True(TimeProvider.System.GetTimestamp() < until, "not within 30 s");
            await Task.Delay(50);
        }
    }
}
