namespace EdgeAgent.Edgectl.Support;

/// <summary>What must not leave a box in a support bundle; the words stand in the bundle's manifest.</summary>
internal static class SecretKinds
{
    /// <summary>JPEG, PNG, WebP: perhaps somebody's.</summary>
    public const string Picture = "picture";

    public const string Video = "video";

    /// <summary>Numbers that may be somebody's face.</summary>
    public const string FaceTemplate = "face_template";

    public const string Plate = "plate";

    /// <summary>PEM, or bytes of a key's length that are no hash known to be public.</summary>
    public const string Key = "key";

    /// <summary>A password, token, cookie, or an address with a password in it.</summary>
    public const string Token = "token";

    public const string Pin = "pin";

    /// <summary>A resident's number or a mobile telephone's.</summary>
    public const string Person = "person";

    /// <summary>Long encoded content that nobody vouches for.</summary>
    public const string Opaque = "opaque";

    /// <summary>No text: a bundle holds nothing else.</summary>
    public const string Binary = "binary";
}
