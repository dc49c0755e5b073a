using System.Security.Cryptography;
using System.Text.Json;
using EdgeAgent.DispatchClient.Identity;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeAgent.Agent.Hosting;

/// <summary>The user and password that a camera wants, for its streams and for ONVIF.</summary>
internal sealed record CameraLogin(string User, string Password);

/// <summary>
/// Cameras' logins, sealed by the unit's key in its data folder: a disk alone does not give them away, and they go with the data when a
/// box is wiped. They are put in where the options file names none. In force from the agent's next start on.
/// </summary>
internal sealed partial class CameraLogins
{
    private const string FileName = "cameras.sealed", Purpose = "camera-logins";

    private readonly string path;
    private readonly UnitVault vault;
    private readonly Dictionary<string, CameraLogin> logins;

    private CameraLogins(string path, UnitVault vault, Dictionary<string, CameraLogin> logins) => (this.path, this.vault, this.logins) = (path, vault, logins);

    public IReadOnlyCollection<string> Cameras => logins.Keys;

    /// <summary>Those of a data folder; none where there is no file, or it does not open: the agent runs, its cameras are lost.</summary>
    public static CameraLogins Open(string dataDirectory, UnitVault vault, ILogger log)
    {
        string path = Path.Combine(dataDirectory, FileName);
        Dictionary<string, CameraLogin> logins = [];
        try
        {
            if (File.Exists(path))
                logins = JsonSerializer.Deserialize<Dictionary<string, CameraLogin>>(vault.Open(Purpose, File.ReadAllBytes(path))) ?? [];
        }
        catch (Exception error) when (error is CryptographicException or JsonException or IOException or UnauthorizedAccessException)
        {
            LogLost(log, path, error.Message);
        }
        return new CameraLogins(path, vault, logins);
    }

    /// <summary>The options with the sealed logins of this box put in, for who looks at cameras beside the agent; as they are where none can be opened.</summary>
    public static CarOptions Over(CarOptions options)
    {
        if (!File.Exists(Path.Combine(options.DataDirectory, FileName)))
            return options;
        try
        {
            using UnitIdentity unit = UnitIdentity.Load(options.IdentityDirectory);
            using UnitVault vault = UnitVault.Open(options.DataDirectory, NullLogger.Instance, unit.Tpm);
            CameraLogins logins = Open(options.DataDirectory, vault, NullLogger.Instance);
            return options with { Cameras = [.. options.Cameras.Select(logins.Into)] };
        }
        catch (Exception error) when (error is IdentityException or InvalidOperationException or CryptographicException or IOException or UnauthorizedAccessException)
        {
            return options;
        }
    }

    /// <summary>Seals the login of these cameras; null forgets it. Durable when this returns.</summary>
    public void Set(IEnumerable<string> cameraIds, CameraLogin? login)
    {
        foreach (string id in cameraIds)
        {
            if (login is null)
                _ = logins.Remove(id);
            else
                logins[id] = login;
        }
        SafeFile.Replace(path, vault.Seal(Purpose, JsonSerializer.SerializeToUtf8Bytes(logins)));
    }

    /// <summary>The camera with its login wherever it names none itself.</summary>
    public CameraOptions Into(CameraOptions camera) => !logins.TryGetValue(camera.Id, out CameraLogin? login) ? camera : camera with
    {
        Main = Into(camera.Main, login),
        Sub = Into(camera.Sub, login),
        PtzUser = camera.PtzUser.Length > 0 ? camera.PtzUser : login.User,
        PtzPassword = camera.PtzUser.Length > 0 ? camera.PtzPassword : login.Password,
    };

    private static string Into(string address, CameraLogin login) =>
        Uri.TryCreate(address, UriKind.Absolute, out Uri? uri) && uri.Scheme is "rtsp" or "rtsps" && uri.UserInfo.Length == 0
            ? $"{uri.Scheme}://{Uri.EscapeDataString(login.User)}:{Uri.EscapeDataString(login.Password)}@{address[(uri.Scheme.Length + 3)..]}"
            : address;

    [LoggerMessage(4340, LogLevel.Error, "The cameras' logins in {Path} cannot be read ({Why}): set them again with edgectl cameras login.")]
    private static partial void LogLost(ILogger log, string path, string why);
}
