namespace EdgeAgent.Hw.Onvif;

/// <summary>Where an ONVIF camera is.</summary>
/// <param name="DeviceService">Such as http://10.0.0.64/onvif/device_service.</param>
/// <param name="User">ONVIF user.</param>
/// <param name="Password">Its password; sent as a digest only.</param>
public sealed record OnvifAccess(Uri DeviceService, string User, string Password)
{
    /// <summary>Longest wait for one answer. Default 3 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(3);
}

/// <summary>The camera refused, did not answer, or answered with what is no answer.</summary>
public sealed class OnvifException : Exception
{
    /// <summary>It does not take this user or password.</summary>
    public bool IsLoginRefused { get; init; }

    public OnvifException(string message)
        : base(message)
    {
    }

    public OnvifException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    public OnvifException()
    {
    }
}
