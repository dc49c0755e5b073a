namespace EdgeAgent.Rig;

/// <summary>Where everything of a running bench is: the file rig.json, written last, when all of it answers.</summary>
internal sealed record RigFile(IReadOnlyList<CameraEntry> Cameras, CameraEntry Cab, PtzEntry Ptz, GnssEntry? Gnss, string Control, int Pid);

/// <param name="CodecMain">h264, hevc, or "unknown" for somebody's own URL.</param>
internal sealed record CameraEntry(string Id, string LabelZh, string LabelEn, string Main, string Sub, string CodecMain);

internal sealed record PtzEntry(string Url, string User, string Password);

internal sealed record GnssEntry(string Host, int Port);
