namespace EdgeAgent.DispatchClient.Identity;

/// <summary>An identity that cannot be read, made or used. The message is one sentence for a technician; <see cref="Code"/> is for scripts.</summary>
public sealed class IdentityException(string code, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>
    /// no_identity, identity_unreadable, identity_mixed, identity_exists, bad_code, wrong_fingerprint, refused, unreachable,
    /// bad_reply, tpm_unavailable, tpm_key_missing.
    /// </summary>
    public string Code { get; } = code;
}
