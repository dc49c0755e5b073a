namespace EdgeAgent.DispatchClient.Identity;

/// <summary>Names of the files in an identity directory.</summary>
internal static class IdentityFiles
{
    public const string Key = "key.pem";
    public const string TpmKey = "key.tpm";
    public const string Certificate = "unit.crt";
    public const string DeviceRoots = "device-roots.pem";
    public const string ListRoots = "list-roots.pem";
    public const string CentreSigners = "centre-signers.pem";
    public const string Facts = "unit.json";
}
