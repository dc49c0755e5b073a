using EdgeAgent.Hw.Modem;
using EdgeAgent.Tests.Support;

namespace EdgeAgent.Tests.Hw;

/// <summary>
/// mmcli's answers. There is no modem here: these were written after the JSON keys of `mmcli -m … -J` (ModemManager 1.20), not recorded
/// from one. What mmcli says where nobody answers is real.
/// </summary>
public sealed class ModemTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("modem-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_connected_modem_tells_operator_technology_and_signal_and_no_number_of_its_own()
    {
        var read = ModemReading.Parse(Answer("connected"));
        Assert.Equal(new ModemReading(ModemCondition.Connected, 67, "lte,5gnr", "CHINA MOBILE", ""), read);
        Assert.DoesNotContain("8612", $"{read}", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("failed", "sim-missing", "--", ModemCondition.NoSim, "sim-missing")]
    [InlineData("failed", "esim-without-profiles", "--", ModemCondition.NoSim, "esim-without-profiles")]
    [InlineData("failed", "sim-error", "--", ModemCondition.SimLocked, "sim-error")]
    [InlineData("failed", "unknown-capabilities", "--", ModemCondition.Failed, "unknown-capabilities")]
    [InlineData("locked", "--", "sim-pin", ModemCondition.SimLocked, "sim-pin")]
    [InlineData("disabled", "--", "sim-pin2", ModemCondition.Disabled, "disabled")]
    [InlineData("searching", "--", "sim-pin2", ModemCondition.Searching, "searching")]
    [InlineData("registered", "--", "sim-pin2", ModemCondition.Registered, "")]
    [InlineData("dreaming", "--", "--", ModemCondition.Unknown, "dreaming")]
    public void Each_state_is_one_that_somebody_can_act_on(string state, string failed, string unlock, ModemCondition condition, string detail)
    {
        var read = ModemReading.Parse(Answer(state, failed, unlock));
        Assert.Equal((condition, detail), (read.Condition, read.Detail));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"modem\":")]
    [InlineData("{\"modem\":{}}")]
    [InlineData("{\"modem\":{\"generic\":[]}}")]
    [InlineData("{\"modem\":{\"generic\":{\"state\":7,\"signal-quality\":\"x\",\"access-technologies\":{}}}}")]
    public void What_is_no_answer_is_not_known(string json) => Assert.Equal(ModemCondition.Unknown, ModemReading.Parse(json).Condition);

    [Theory]
    [InlineData("error: couldn't find modem")]
    [InlineData("error: couldn't find the ModemManager process in the bus")]
    [InlineData("error: couldn't get bus: Could not connect: No such file or directory")]
    public async Task No_modem_is_a_plain_state(string said)
    {
        string mmcli = Script.Write(folder, "mmcli", $"echo \"{said}\" >&2; exit 1");
        Assert.Equal(ModemReading.Of(ModemCondition.NotFitted), await new MmcliModem(mmcli, "any", TimeProvider.System).ReadAsync(default));
        Assert.Equal(ModemCondition.NotFitted, (await new MmcliModem("mmcli-is-not-here", "any", TimeProvider.System).ReadAsync(default)).Condition);
    }

    [Fact]
    public async Task A_manager_that_fails_is_not_known_and_names_why()
    {
        string mmcli = Script.Write(folder, "mmcli", "echo 'error: operation failed: modem is busy' >&2; exit 1");
        var read = await new MmcliModem(mmcli, "any", TimeProvider.System).ReadAsync(default);
        Assert.Equal((ModemCondition.Unknown, "error: operation failed: modem is busy"), (read.Condition, read.Detail));
    }

    [Fact]
    public async Task The_programs_own_answer_is_read()
    {
        await File.WriteAllTextAsync(Path.Combine(folder, "answer.json"), Answer("connected"));
        string mmcli = Script.Write(folder, "mmcli", $"[ \"$*\" = '-m any -J' ] && cat {folder}/answer.json");
        Assert.Equal(ModemCondition.Connected, (await new MmcliModem(mmcli, "any", TimeProvider.System).ReadAsync(default)).Condition);
    }

    internal static string Answer(string state, string failed = "--", string unlock = "sim-pin2") =>
        $$$$"""
        {"modem":{"3gpp":{"enabled-locks":["fixed-dialing"],"eps":{"initial-bearer":{"dbus-path":"--","settings":{"apn":"--","ip-type":"--","password":"--","user":"--"}},"ue-mode-operation":"ps-2"},
        "imei":"861234567890123","operator-code":"46000","operator-name":"CHINA MOBILE","packet-service-state":"attached","pco":"--","registration-state":"home"},
        "cdma":{"activation-state":"--","cdma1x-registration-state":"--","esn":"--","evdo-registration-state":"--","meid":"--","nid":"--","sid":"--"},
        "dbus-path":"/org/freedesktop/ModemManager1/Modem/0",
        "generic":{"access-technologies":["lte","5gnr"],"bearers":["/org/freedesktop/ModemManager1/Bearer/0"],"current-capabilities":["gsm-umts, lte, 5gnr"],"drivers":["qmi_wwan"],
        "equipment-identifier":"861234567890123","manufacturer":"Quectel","model":"RM500Q-GL","own-numbers":["8613800000000"],"plugin":"quectel","power-state":"on","primary-port":"cdc-wdm0",
        "signal-quality":{"recent":"yes","value":"67"},"sim":"/org/freedesktop/ModemManager1/SIM/0","state":"{{{{state}}}}","state-failed-reason":"{{{{failed}}}}","unlock-required":"{{{{unlock}}}}","unlock-retries":["sim-pin (3)"]}}}
        """;
}
