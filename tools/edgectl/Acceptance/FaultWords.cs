namespace EdgeAgent.Edgectl.Acceptance;

/// <summary>A thing that can be wrong with a unit: one sentence of what it is, one of what to do, in both languages.</summary>
/// <param name="IsGrave">The car must not go out like this.</param>
internal sealed record Fault(string Code, bool IsGrave, string Zh, string En, string DoZh, string DoEn);

/// <summary>Every fault that a check names. Also the table of docs/technician.md, which `edgectl faults --markdown` prints.</summary>
internal static class FaultWords
{
    public static IReadOnlyList<Fault> All { get; } =
    [
        new("settings_wrong", true, "设置文件有错误。", "The settings file has a mistake.", "按提示改正 agent.json，重新启动车载程序。", "Mend agent.json as it says and restart the agent."),
        new("agent_down", true, "车载程序没有运行。", "The agent does not run.", "运行 systemctl status edge-agent，查看原因后重新启动。", "Look why with systemctl status edge-agent, then start it."),
        new("agent_ill", true, "车载程序的一个部分工作不正常。", "A part of the agent does not work.", "查看该部分的说明；重新启动后仍如此，请收集支持包。", "Read what it says; if it is the same after a restart, make a support bundle."),
        new("agent_hampered", false, "车载程序的一个部分受限运行。", "A part of the agent works with limits.", "按该部分的说明处理。", "Do what it says."),

        new("no_identity", true, "本机尚未入网。", "This box is not enrolled.", "向指挥中心要入网码，运行 edgectl provision。", "Ask the centre for an enrolment code and run edgectl provision."),
        new("identity_unreadable", true, "证书或密钥文件损坏。", "The certificate or the key cannot be read.", "重新入网：edgectl provision --force。", "Enrol again: edgectl provision --force."),
        new("identity_mixed", true, "证书与密钥不是一对，磁盘或安全芯片来自另一台主机。", "Certificate and key do not belong together: this disk or TPM is another box's.", "确认磁盘和主机配套，或重新入网。", "Put the right disk into the box, or enrol again."),
        new("key_lost", true, "密钥无法用来签名。", "The key does not sign.", "检查安全芯片（TPM）是否启用；然后重新入网。", "See whether the TPM is switched on; then enrol again."),
        new("certificate_expired", true, "证书已过期。", "The certificate has ended.", "先校准时钟；若仍过期，重新入网。", "Set the clock first; if it has still ended, enrol again."),
        new("certificate_ends_soon", false, "证书 30 天内到期。", "The certificate ends within 30 days.", "让车辆联网，证书会自动更新。", "Let the car be online: it is renewed by itself."),
        new("key_in_file", false, "密钥保存在文件中，没有安全芯片保护。", "The key lies in a file, not in a TPM.", "有安全芯片时用 edgectl provision --key tpm 重新入网。", "Where there is a TPM, enrol again with edgectl provision --key tpm."),

        new("centre_unreachable", true, "连接不到指挥中心。", "The centre cannot be reached.", "检查天线、SIM 卡和 Centre 地址；能上网时请中心检查端口。", "Look at antenna, SIM and the address Centre; if there is a network, ask the centre about its port."),
        new("centre_not_trusted", true, "对方不是本机入网的指挥中心。", "The other end is not the centre that this box was enrolled with.", "检查 Centre 地址；地址正确时不要使用，立即报告。", "Check the address Centre; if it is right, do not use the car and report it."),
        new("certificate_revoked", true, "指挥中心已撤销本机的证书。", "The centre has revoked this box's certificate.", "请中心确认；需要时给新的入网码重新入网。", "Ask the centre; enrol again with a new code where that is right."),
        new("certificate_refused", true, "指挥中心不认识本机的证书。", "The centre does not know this box's certificate.", "重新入网。", "Enrol again."),
        new("centre_too_old", false, "指挥中心的软件太旧，不支持验收登记。", "The centre's software is too old to register an acceptance.", "请中心升级。", "Ask the centre to update."),
        new("centre_busy", true, "指挥中心暂时无法工作。", "The centre cannot work at present.", "过几分钟再试。", "Try again in some minutes."),
        new("link_down", true, "车载程序没有连上指挥中心，而本机能连上。", "The agent has no session with the centre, though this box reaches it.", "等一分钟再试；仍如此时重新启动车载程序。", "Wait a minute; if it is the same, restart the agent."),
        new("other_unit", true, "指挥中心把本机当作另一辆车。", "The centre takes this box for another unit.", "重新入网。", "Enrol again."),
        new("birth_refused", true, "指挥中心没有接受验收证书。", "The centre did not take the birth certificate.", "按提示处理后再次验收。", "Do what it says and accept again."),

        new("clock_wrong", true, "本机时钟不准。", "This box's clock is wrong.", "检查 chrony 与卫星时间；必要时手动校时。", "Let chrony take gpsd's time, or set it by hand."),
        new("clock_untrusted", false, "车载程序还没有可信的时间，暂停名单比对。", "The agent has no trusted time yet and matches no lists.", "等待卫星定位或联上指挥中心。", "Wait for a fix or for the centre."),

        new("gnss_no_gpsd", true, "gpsd 没有应答。", "gpsd does not answer.", "安装并启动 gpsd，核对 Gnss.Port。", "Install and start gpsd, compare Gnss.Port."),
        new("gnss_silent", true, "gpsd 没有收到接收机的数据。", "gpsd has no receiver.", "检查接收机电缆和 /etc/default/gpsd 中的设备。", "Look at the receiver's cable and the device in /etc/default/gpsd."),
        new("gnss_no_fix", true, "接收机没有定位。", "The receiver has no fix.", "把车开到露天处，检查天线电缆，等一分钟。", "Bring the car under the sky, look at the antenna's cable, wait a minute."),
        new("gnss_few_satellites", false, "卫星太少，位置不可靠。", "Few satellites: the position cannot be relied on.", "移开天线上方的遮挡。", "Take away what stands over the antenna."),
        new("gnss_inexact", false, "位置误差太大。", "The position is inexact.", "让天线远离其他天线和金属。", "Move the antenna away from other antennas and metal."),

        new("camera_lost", true, "看不到摄像机的画面。", "A camera gives no picture.", "检查网线、供电和地址。", "Look at its cable, its power and its address."),
        new("camera_refused", true, "摄像机拒绝用户名或密码。", "A camera refuses user or password.", "改正 agent.json 中该摄像机的用户名和密码。", "Mend its user and password in agent.json."),
        new("camera_black", true, "画面全黑。", "A camera's picture is black.", "取下镜头盖，检查镜头是否被遮住。", "Take off the cap, look for what covers the lens."),
        new("camera_frozen", true, "画面静止不动。", "A camera's picture stands still.", "给摄像机断电再上电；仍如此时更换。", "Switch the camera off and on; exchange it if it stays."),
        new("camera_slow", false, "每秒画面太少。", "A camera sends too few pictures a second.", "在摄像机中设为每秒 10 幅以上。", "Set it to ten a second or more."),
        new("camera_small", false, "主码流太小，车牌读不清。", "The main stream is too small to read plates in.", "把主码流设为 1920×1080。", "Set the main stream to 1920×1080."),
        new("camera_wide_sub", false, "子码流太大，占用主机太多。", "The sub-stream is too large and costs the box too much.", "把子码流设为 640×360。", "Set the sub-stream to 640×360."),
        new("camera_clock", false, "摄像机时钟不准。", "A camera's clock is wrong.", "把摄像机的 NTP 指向本机。", "Point its NTP to this box."),
        new("camera_doubled", true, "两个机位用了同一台摄像机。", "Two places show the same camera.", "改正 agent.json 中的地址。", "Mend the addresses in agent.json."),
        new("camera_swapped", true, "摄像机的机位接反了。", "Cameras have changed places.", "把两台摄像机的网线换回来，或改正 agent.json。", "Change their cables back, or mend agent.json."),
        new("camera_changed", false, "摄像机与上次验收时不是同一台。", "A camera is another one than when the unit was accepted.", "更换过摄像机时，重新验收。", "Where it was exchanged on purpose, accept the unit again."),

        new("ptz_silent", true, "云台没有应答。", "The roof camera's control does not answer.", "检查 ONVIF 地址和摄像机设置。", "Look at its ONVIF address and its settings."),
        new("ptz_refused", true, "云台拒绝用户名或密码。", "The roof camera's control refuses user or password.", "改正 PtzUser 和 PtzPassword。", "Mend PtzUser and PtzPassword."),
        new("ptz_dead", true, "云台不转动。", "The roof camera does not turn.", "检查云台供电和转动是否受阻。", "Look at its power, and for what blocks it."),
        new("ptz_stuck", true, "云台报告已转动，但画面没有变化。", "The roof camera says that it turned, and its picture did not move.", "检查传动；机位与画面是否是同一台摄像机。", "Look at its drive, and whether picture and control are of the same camera."),
        new("ptz_reversed", true, "云台转动方向相反。", "The roof camera turns the wrong way.", "在摄像机中设为倒装或正装。", "Set in the camera whether it hangs or stands."),
        new("ptz_unseen", false, "画面没有可辨认的内容，看不出云台是否转动。", "Nothing in the picture shows whether the roof camera turned.", "让云台对着有内容的场景，再试一次。", "Let it look at something, and try again."),

        new("disk_full", true, "磁盘已满。", "The disk is full.", "清理磁盘；证据和决定优先保留。", "Free space; decisions and evidence are kept as long as they can be."),
        new("disk_low", false, "磁盘空间不足。", "There is little room on the disk.", "清理磁盘。", "Free space."),
        new("disk_slow", false, "磁盘太慢。", "The disk is slow.", "检查磁盘寿命（SMART），必要时更换。", "Look at its wear (SMART), exchange it if need be."),
        new("disk_fails", true, "磁盘不能写入。", "The disk cannot be written.", "更换磁盘；用 edgectl swap 取回数据。", "Exchange it; edgectl swap rescues its data."),
        new("outbox_damaged", true, "待发数据库损坏。", "The outbox is damaged.", "不要关机，先收集支持包，再按手册处理。", "Leave the box on, make a support bundle, then see the guide."),
        new("audit_broken", true, "审计链不完整：有人改动，或磁盘损坏。", "The audit chain is not whole: somebody changed it, or the disk did.", "停止使用，立即报告。", "Do not use the car and report it."),

        new("no_lists", true, "没有名单。", "There is no list.", "请指挥中心下发名单；检查链路。", "Ask the centre for lists; look at the link."),
        new("list_refused", true, "一份名单被拒绝。", "A list is refused.", "把原因告诉指挥中心。", "Tell the centre why."),
        new("list_expired", true, "一份名单已过期。", "A list has expired.", "让车辆联网更新；仍过期时告诉指挥中心。", "Let the car be online; if it stays, tell the centre."),
        new("no_officers", true, "没有警员能登录。", "No officer can sign in.", "请指挥中心把警员分配到本车。", "Ask the centre to assign officers to this car."),

        new("models_damaged", true, "识别模型缺失或被改动。", "A recognition model is missing or was changed.", "重新安装软件。", "Install the software again."),
        new("face_wrong", true, "人脸自检结果不对。", "The face self-test has another result than it must.", "重新安装软件；仍如此时更换主机。", "Install the software again; exchange the box if it stays."),
        new("plate_wrong", true, "车牌自检结果不对。", "The plate self-test has another result than it must.", "重新安装软件；仍如此时更换主机。", "Install the software again; exchange the box if it stays."),
        new("no_recovery", true, "突然中断后车载程序没有自己恢复。", "The agent does not come back by itself after a crash.", "检查 edge-agent 服务是否启用（systemctl enable edge-agent）。", "See whether its service is enabled (systemctl enable edge-agent)."),
        new("recovery_lost", true, "突然中断后丢失了已记录的数据。", "What was written down before a crash is not there after it.", "更换磁盘后再次验收。", "Exchange the disk and accept again."),
        new("check_failed", true, "这一项无法检查。", "This could not be checked.", "按提示处理后再试。", "Do what it says and try again."),
    ];

    private static readonly Dictionary<string, Fault> s_byCode = All.ToDictionary(fault => fault.Code);

    public static Fault Of(string code) => s_byCode[code];
}
