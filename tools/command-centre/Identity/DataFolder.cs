using EdgeAgent.CommandCentre.Storage;

namespace EdgeAgent.CommandCentre.Identity;

/// <summary>Where a centre keeps what: DATA/centre.db, DATA/keys, DATA/evidence, DATA/releases, DATA/registry.db.</summary>
internal sealed class DataFolder(string path)
{
    public string Path { get; } = System.IO.Path.GetFullPath(path);

    public string Database => At("centre.db");

    public string Keys => At("keys");

    public string Evidence => At("evidence");

    public string Releases => At("releases");

    /// <summary>The register behind look-ups; absent where the centre was given none.</summary>
    public string Registry => At("registry.db");

    public string CookieKeys => System.IO.Path.Combine(Keys, "console-cookies");

    public string ServerLock => At("serve.lock");

    public string KeyFile(string name) => System.IO.Path.Combine(Keys, name);

    /// <exception cref="CentreException">Not the data folder of a centre.</exception>
    public DataFolder Require(string? postgresFile = null) =>
        File.Exists(KeyFile(CentreKeys.StorageKeyFile)) && (File.Exists(Database) || DatabaseChoice.Postgres(this, postgresFile) is not null)
        ? this
        : throw new CentreException($"{Path} is not a centre's data folder. Make one with: command-centre init --data {path}");

    private string At(string name) => System.IO.Path.Combine(Path, name);
}
