using EdgeAgent.Hw.Cameras;
using EdgeAgent.Hw.Onvif;

namespace EdgeAgent.Edgectl.Cameras;

/// <summary>What is wrong with a camera, and what to do about it.</summary>
/// <param name="Code">For programs.</param>
/// <param name="IsGrave">The car cannot use the camera like this.</param>
internal sealed record CameraFault(string Code, bool IsGrave, string Sentence);

/// <summary>A stream as the camera offers it and as it was seen.</summary>
/// <param name="Seen">Null: it could not be opened.</param>
internal sealed record StreamReport(string Token, string Url, string SaidEncoding, int SaidWidth, int SaidHeight, StreamSeen? Seen);

/// <summary>One camera, looked at.</summary>
internal sealed record CameraReport(FoundCamera Found, OnvifCamera? Told, StreamReport? Main, StreamReport? Sub, IReadOnlyList<CameraFault> Faults)
{
    public bool IsUsable => !Faults.Any(f => f.IsGrave);
}

/// <summary>How a camera is looked at.</summary>
/// <param name="Watch">How long each stream's pictures are counted.</param>
internal sealed record ProbeOptions(string User, string Password, TimeSpan Watch)
{
    /// <summary>Detection looks at a stream about as wide as this; wider ones cost the car more than they give.</summary>
    public const int WidestSub = 960;

    /// <summary>Plates are read at this width and more.</summary>
    public const int LeastMainWidth = 1280;

    /// <summary>Pictures a second of either stream, and how wrong a camera's clock may be.</summary>
    public const double LeastFps = 10, ClockSeconds = 60;

    private const double LongestKeySeconds = 2.1;

    public async Task<CameraReport> LookAsync(FoundCamera found, TimeProvider time, CancellationToken stop)
    {
        var faults = new List<CameraFault>();
        OnvifCamera? told = null;
        try
        {
            told = await OnvifCamera.ReadAsync(new OnvifAccess(found.DeviceService, User, Password), time, stop);
        }
        catch (OnvifException e)
        {
            faults.Add(e.IsLoginRefused
                ? new CameraFault("refused", true, "The camera refuses this user or password: name another with --user.")
                : new CameraFault("no_onvif", true, $"The camera does not speak ONVIF as it should: {e.Message}."));
        }
        if (told is null)
            return new CameraReport(found, null, null, null, faults);
        StreamReport? main = await StreamAsync(told.MainProfile, "main", faults, time, stop), sub = await StreamAsync(told.SubProfile(WidestSub), "sub", faults, time, stop);
        Judge(told, main?.Seen, sub, faults);
        return new CameraReport(found, told, main, sub, faults);
    }

    private async Task<StreamReport?> StreamAsync(OnvifProfile? profile, string name, List<CameraFault> faults, TimeProvider time, CancellationToken stop)
    {
        if (profile is null)
            return null;
        StreamSeen? seen = null;
        try
        {
            seen = await Task.Run(() => StreamProbe.Look(WithLogin(profile.StreamUri), Watch, time, stop), stop);
            if (seen.IsBlack)
                faults.Add(new CameraFault($"{name}_black", true, $"The {name} stream is black: is something over the lens, or is it dark?"));
            if (seen.Fps < LeastFps)
                faults.Add(new CameraFault($"{name}_slow", false, $"The {name} stream has {seen.Fps:0.#} pictures a second: set it to {LeastFps:0} or more."));
        }
        catch (IOException e)
        {
            faults.Add(new CameraFault($"{name}_lost", true, $"The {name} stream cannot be seen: {e.Message}."));
        }
        return new StreamReport(profile.Token, profile.StreamUri, profile.Encoding, profile.Width, profile.Height, seen);
    }

    private static void Judge(OnvifCamera told, StreamSeen? main, StreamReport? sub, List<CameraFault> faults)
    {
        if (told.MainProfile is null)
            faults.Add(new CameraFault("no_stream", true, "The camera offers no stream: make a profile with video in its own page."));
        else if (sub is null)
            faults.Add(new CameraFault("no_sub", false, "The camera offers one stream only: the car decodes the large one all the time, which costs several times as much. Switch its second stream on."));
        if (sub?.Seen is { Width: > WidestSub } wide)
            faults.Add(new CameraFault("sub_wide", false, $"The sub stream is {wide.Width} pixels wide: set it to {WidestSub} or less."));
        if (main is { Width: < LeastMainWidth })
            faults.Add(new CameraFault("main_small", false, $"The main stream is {main.Width} pixels wide: plates are read at {LeastMainWidth} and more."));
        if (main is { KeyEverySeconds: > LongestKeySeconds })
            faults.Add(new CameraFault("main_keys", false, $"The main stream has a key picture every {main.KeyEverySeconds:0.#} s: set its interval to 1 s, so that one instant can be cut out of it."));
        if (told.ClockOffset.Duration().TotalSeconds > ClockSeconds)
            faults.Add(new CameraFault("clock", false, $"The camera's clock is {told.ClockOffset.Duration():d\\.hh\\:mm\\:ss} {(told.ClockOffset > TimeSpan.Zero ? "ahead" : "behind")}: point its NTP to this box."));
    }

    /// <summary>Never printed: it holds the password.</summary>
    private string WithLogin(string stream)
    {
        if (User.Length == 0)
            return stream;
        var uri = new UriBuilder(stream) { UserName = Uri.EscapeDataString(User), Password = Uri.EscapeDataString(Password) };
        return uri.Uri.ToString();
    }
}
