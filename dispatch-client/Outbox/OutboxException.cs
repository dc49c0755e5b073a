namespace EdgeAgent.DispatchClient.Outbox;

/// <summary>The outbox cannot do what was asked; the message says what and why. Nothing was stored.</summary>
public sealed class OutboxException(string code, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>in_use, newer_schema, wrong_key, event_too_large, attachment_too_large, bad_options, disk_full.</summary>
    public string Code { get; } = code;

    /// <summary>The disk has no room for it now; later it may.</summary>
    public bool IsDiskFull => Code == DiskFull.Code;
}
