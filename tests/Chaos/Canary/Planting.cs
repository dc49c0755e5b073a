using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Data.Sqlite;

namespace EdgeAgent.Chaos.Canary;

/// <summary>Who must be nowhere: a plate, a face, and a picture of that face as the car would cut it out.</summary>
internal sealed record CanarySubject(string Plate, float[] Face, byte[] Crop)
{
    /// <summary>Every form in which it could lie somewhere, and what the scanner must say of it.</summary>
    public IReadOnlyList<(byte[] Bytes, string What, string Form)> Forms()
    {
        byte[] raw = MemoryMarshal.AsBytes<float>(Face).ToArray(), utf8 = Encoding.UTF8.GetBytes(Plate);
        // The sum of several looks, before it is made of length one.
        byte[] sum = MemoryMarshal.AsBytes<float>(Face.Select(f => f * 2.37f).ToArray()).ToArray();
        float most = Face.Max(MathF.Abs);
        return
        [
            (raw, "face", "float32"), (sum, "face", "float32"),
            (MemoryMarshal.AsBytes<double>(Face.Select(f => (double)f).ToArray()).ToArray(), "face", "float64"),
            (MemoryMarshal.AsBytes<Half>(Face.Select(f => (Half)f).ToArray()).ToArray(), "face", "float16"),
            ([.. Face.Select(f => (byte)(sbyte)MathF.Round(f / most * 127))], "face", "int8"),
            (Ascii(Convert.ToBase64String(raw)), "face", "float32 in base64"),
            (Ascii(Convert.ToHexStringLower(raw)), "face", "float32 in hexadecimal"),
            (Crop, "crop", "JPEG of a face on no list"),
            (Ascii(Convert.ToBase64String(Crop)), "crop", "JPEG of a face on no list in base64"),
            (utf8, Plate, "UTF-8"), (Encoding.Unicode.GetBytes(Plate), Plate, "UTF-16"), (Encoding.BigEndianUnicode.GetBytes(Plate), Plate, "UTF-16 big endian"),
            (Ascii(Convert.ToBase64String(utf8)), Plate, "base64"), (Ascii(Convert.ToHexStringLower(utf8)), Plate, "hex"),
            (Ascii(string.Concat(Plate.Select(c => c < 128 ? c.ToString() : $"\\u{(int)c:x4}"))), Plate, "JSON escapes"),
        ];
    }

    private static byte[] Ascii(string text) => Encoding.ASCII.GetBytes(text);
}

/// <summary>
/// Puts the subject where it must not be, so that finding nothing there means something: in a file, a database's log, a program's log, the
/// memory image of a program that crashed, and a browser's profile; in every form.
/// </summary>
internal sealed class Planting(CanarySubject subject, string folder, string repository)
{
    /// <summary>What a program of this name would be told to hold and crash with.</summary>
    public const string HolderName = "hold-and-abort";

    /// <param name="browser">False: without a core and a browser's profile, which need a program and a browser.</param>
    /// <returns>The places, each a folder.</returns>
    public async Task<IReadOnlyList<(string Place, string Folder)>> PlantAsync(CancellationToken stop, bool browser = true)
    {
        List<(string, string)> places = [("file", Made("file")), ("wal", Made("wal")), ("log", Made("log"))];
        var forms = subject.Forms();
        for (int i = 0; i < forms.Count; i++)
            await File.WriteAllBytesAsync(Path.Combine(folder, "file", $"{i}.bin"), [.. new byte[i], .. forms[i].Bytes, .. new byte[7]], stop);
        await File.WriteAllLinesAsync(
            Path.Combine(folder, "log", "car.log"),
            forms.Select(f => $"2026-01-01T00:00:00Z warn: Matcher[4000] seen {(IsText(f.Bytes) ? Encoding.UTF8.GetString(f.Bytes) : "")}"), stop);
        await File.WriteAllBytesAsync(Path.Combine(folder, "log", "binary.log"), [.. forms.Where(f => !IsText(f.Bytes)).SelectMany(f => f.Bytes.Concat("\n"u8.ToArray()))], stop);
        PlantWal(Path.Combine(folder, "wal"), forms);
        if (!browser)
            return places;
        places.AddRange([("core", Made("core")), ("profile", Made("profile"))]);
        await PlantCoreAsync(stop);
        await PlantProfileAsync(stop);
        return places;
    }

    /// <summary>Holds what comes on standard input in memory, and ends as a crash does.</summary>
    public static void HoldAndAbort()
    {
        using var held = new MemoryStream();
        using (Stream input = Console.OpenStandardInput())
            input.CopyTo(held);
        GC.KeepAlive(held);
        Environment.FailFast("on purpose");
    }

    private string Made(string name) => Directory.CreateDirectory(Path.Combine(folder, name)).FullName;

    private static bool IsText(byte[] bytes) => bytes.All(b => b is >= 32 and < 127) || Encoding.UTF8.GetString(bytes) is var s && !s.Contains('\uFFFD') && s.All(c => !char.IsControl(c));

    // The log as it lies beside a database that was not closed: nothing of it has come into the database yet.
    private static void PlantWal(string place, IReadOnlyList<(byte[] Bytes, string What, string Form)> forms)
    {
        string work = Directory.CreateTempSubdirectory("canary-wal-").FullName, path = Path.Combine(work, "events.db");
        using (var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString()))
        {
            connection.Open();
            Run(connection, "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE t (a BLOB)", null);
            foreach (var (bytes, _, _) in forms)
                Run(connection, "INSERT INTO t VALUES ($a)", bytes);
            File.Copy(path + "-wal", Path.Combine(place, "events.db-wal"));
        }
        Directory.Delete(work, recursive: true);
    }

    private static void Run(SqliteConnection connection, string text, byte[]? value)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = text;
        if (value is not null)
            _ = command.Parameters.AddWithValue("$a", value);
        _ = command.ExecuteNonQuery();
    }

    private async Task PlantCoreAsync(CancellationToken stop)
    {
        var info = new ProcessStartInfo(Environment.ProcessPath!, [HolderName])
        {
            WorkingDirectory = Path.Combine(folder, "core"),
            RedirectStandardInput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(info) ?? throw new ScenarioException("The program that is to crash did not start.");
        await process.StandardInput.BaseStream.WriteAsync(subject.Forms().SelectMany(f => f.Bytes.Concat(new byte[16])).ToArray(), stop);
        process.StandardInput.Close();
        _ = await process.StandardError.ReadToEndAsync(stop);
        await process.WaitForExitAsync(stop);
    }

    private async Task PlantProfileAsync(CancellationToken stop)
    {
        string forms = System.Text.Json.JsonSerializer.Serialize(subject.Forms().Select(f => new { base64 = Convert.ToBase64String(f.Bytes), text = IsText(f.Bytes) }));
        string input = Path.Combine(folder, "forms.json");
        await File.WriteAllTextAsync(input, forms, stop);
        _ = await Rig.Run.ChildProcess.RunAsync(
            "node", [Path.Combine(repository, "tests", "Browser", "plant-canary.mjs"), "--profile", Path.Combine(folder, "profile"), "--forms", input], null, stop);
        File.Delete(input);
    }
}
