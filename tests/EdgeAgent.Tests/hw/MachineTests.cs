using System.Text;
using EdgeAgent.Hw.Machine;
using EdgeAgent.Hw.Programs;

namespace EdgeAgent.Tests.Hw;

/// <summary>
/// Heat and disk wear. This machine has neither sensors nor a disk of its own: sensors are a tree of files as the kernel lays it out, the
/// disks' answers were written after the JSON of smartctl 7.3; what smartctl says of something that is no disk is real.
/// </summary>
public sealed class MachineTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("sys-").FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Fact]
    public void The_hottest_plausible_sensor_counts()
    {
        Assert.Null(new Thermometers(root, []).HottestNow());
        Put("class/thermal/thermal_zone0", ("type", "x86_pkg_temp"), ("temp", "71000"));
        Put("class/thermal/thermal_zone1", ("type", "acpitz"), ("temp", "-273000"));
        Put("class/thermal/thermal_zone2", ("type", "broken"), ("temp", "hot"));
        Put("class/hwmon/hwmon0", ("name", "coretemp"), ("temp1_input", "64000"), ("temp1_label", "Package id 0"), ("temp2_input", "200000"));
        Put("class/hwmon/hwmon1", ("name", "nvme"), ("temp1_input", "78850"), ("temp1_label", "Composite"));
        Assert.Equal(new Temperature("nvme Composite", 78.85), new Thermometers(root, []).HottestNow());
        Assert.Equal(["x86_pkg_temp", "coretemp Package id 0", "nvme Composite"], new Thermometers(root, []).All().Select(t => t.Sensor));
        Assert.Equal(71, new Thermometers(root, ["x86_pkg_temp"]).HottestNow()!.Celsius);
        Assert.Null(new Thermometers(root, ["none of that name"]).HottestNow());
    }

    [Fact]
    public void An_nvme_tells_its_wear_itself()
    {
        Assert.Equal(new DiskReading("", "WD Red SN700 500GB", false, 12, 47, 5120), Parse(Nvme(used: 12)));
        Assert.True(Parse(Nvme(used: 12, warning: 4)).IsFailing);
        Assert.True(Parse(Nvme(used: 12, spare: 4)).IsFailing);
        // Its warning of heat is no failing.
        Assert.False(Parse(Nvme(used: 12, warning: 2)).IsFailing);
        Assert.Equal(131, Parse(Nvme(used: 131)).WearPercent);
    }

    [Theory]
    [InlineData("""{"id":177,"name":"Wear_Leveling_Count","value":88}""", 12)]
    [InlineData("""{"id":177,"name":"Wear_Leveling_Count","value":99},{"id":231,"name":"SSD_Life_Left","value":35}""", 65)]
    [InlineData("""{"id":9,"name":"Power_On_Hours","value":97}""", null)]
    public void A_sata_disk_tells_it_by_its_attributes(string attributes, int? wear)
    {
        var read = Parse($$$"""{"model_name":"INTEL SSDSC2KB240G8","smart_status":{"passed":true},"ata_smart_attributes":{"revision":1,"table":[{{{attributes}}}]},"temperature":{"current":33},"power_on_time":{"hours":18000}}""");
        Assert.Equal(new DiskReading("", "INTEL SSDSC2KB240G8", false, wear, 33, 18000), read);
    }

    [Fact]
    public void A_sata_disks_statistics_go_before_its_attributes()
    {
        var read = Parse("""
            {"model_name":"Micron_5300","smart_status":{"passed":false},"ata_smart_attributes":{"table":[{"id":202,"value":99}]},
            "ata_device_statistics":{"pages":[{"number":1,"table":[{"offset":8,"name":"Lifetime Power-On Resets","value":7}]},{"number":7,"table":[{"offset":8,"name":"Percentage Used Endurance Indicator","value":41}]}]}}
            """);
        Assert.Equal(new DiskReading("", "Micron_5300", true, 41, null, null), read);
    }

    [Theory]
    [InlineData("", "no_json")]
    [InlineData("smartctl 7.3", "no_json")]
    [InlineData("[]", "The disk tells nothing of itself.")]
    [InlineData("""{"smart_status":7,"nvme_smart_health_information_log":[],"ata_smart_attributes":{"table":{}}}""", "The disk tells nothing of itself.")]
    [InlineData("""{"smartctl":{"messages":[{"string":"Smartctl open device: /dev/sda failed: Permission denied","severity":"error"}],"exit_status":2}}""", "Smartctl open device: /dev/sda failed: Permission denied")]
    public void What_tells_nothing_says_why(string said, string fault) => Assert.Equal(DiskReading.Faulty(fault), Parse(said));

    [Fact]
    public async Task Smartctls_own_word_on_what_is_no_disk_is_understood()
    {
        var answer = await SystemProgram.RunAsync("smartctl", ["-j", "-a", "/dev/null"], TimeSpan.FromSeconds(20), TimeProvider.System, default);
        if (answer.Fault == "not_installed")
            return;
        Assert.Equal("/dev/null: Unable to detect device type", Parse(answer.Output).Fault);
    }

    [Fact]
    public void A_file_that_is_not_there_or_old_or_huge_says_nothing_of_now()
    {
        string file = Path.Combine(root, "smart.json");
        TimeSpan oldest = TimeSpan.FromHours(3);
        Assert.Equal("no_file", DiskReading.FromFile(file, oldest, TimeProvider.System).Fault);
        File.WriteAllText(file, Nvme(used: 12));
        Assert.Equal(12, DiskReading.FromFile(file, oldest, TimeProvider.System).WearPercent);
        File.SetLastWriteTimeUtc(file, TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(-4));
        Assert.Equal("stale", DiskReading.FromFile(file, oldest, TimeProvider.System).Fault);
        File.WriteAllBytes(file, new byte[300_000]);
        Assert.Equal("no_json", DiskReading.FromFile(file, oldest, TimeProvider.System).Fault);
    }

    internal static string Nvme(int used, int warning = 0, int spare = 100) =>
        $$$"""
        {"device":{"name":"/dev/nvme0","protocol":"NVMe"},"model_name":"WD Red SN700 500GB","serial_number":"2301AB","smart_status":{"passed":true,"nvme":{"value":0}},
        "nvme_smart_health_information_log":{"critical_warning":{{{warning}}},"temperature":47,"available_spare":{{{spare}}},"available_spare_threshold":10,"percentage_used":{{{used}}},"media_errors":0},
        "temperature":{"current":47},"power_cycle_count":900,"power_on_time":{"hours":5120}}
        """;

    private static DiskReading Parse(string said) => DiskReading.Parse(Encoding.UTF8.GetBytes(said));

    private void Put(string folder, params (string Name, string Value)[] files)
    {
        _ = Directory.CreateDirectory(Path.Combine(root, folder));
        foreach ((string name, string value) in files)
            File.WriteAllText(Path.Combine(root, folder, name), value + "\n");
    }
}
