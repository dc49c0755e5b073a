using EdgeAgent.Chaos.Canary;
using EdgeAgent.Tests.DispatchClient;

namespace EdgeAgent.Tests.Chaos;

/// <summary>The eyes of `chaos canary`: what they cannot find, they cannot clear.</summary>
public sealed class TraceScannerTests : IDisposable
{
    private const string Plate = "沪Z9K7Q2";

    private static readonly byte[] Crop = [0xFF, 0xD8, 0xFF, 0xE0, .. Enumerable.Range(0, 5000).Select(i => (byte)(i % 250)), 0xFF, 0xD9];

    private readonly TemporaryDirectory folder = new();
    private readonly float[] face = Template(7);

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Every_form_is_found_in_a_file_and_nothing_in_what_looks_like_it()
    {
        var scanner = Scanner();
        foreach (var (bytes, what, form) in new CanarySubject(Plate, face, Crop).Forms())
            Assert.Contains((what, form), scanner.In([.. new byte[13], .. bytes, .. new byte[5]]));
        int seed = Environment.TickCount;
        var random = new Random(seed);
        byte[] noise = new byte[300_000];
        random.NextBytes(noise);
        Assert.True(!scanner.In(noise).Any(), $"seed {seed}");
        Assert.Empty(Known(scanner.In(System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(Template(8)).ToArray())));
        Assert.Empty(scanner.In(new byte[100_000]));
    }

    [Theory]
    [InlineData(0.8f, true)]
    [InlineData(0.1f, false)]
    public void Another_look_at_the_same_person_is_found_and_a_stranger_is_not(float likeness, bool found)
    {
        float[] noise = Template(9);
        float[] other = [.. face.Select((f, i) => (likeness * f) + (MathF.Sqrt(1 - (likeness * likeness)) * noise[i]))];
        byte[] bytes = System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(other).ToArray();
        Assert.Equal(found, Known(Scanner().In(bytes)).Any());
    }

    [Fact]
    public async Task It_is_found_in_files_in_a_write_ahead_log_and_in_a_programs_log()
    {
        var subject = new CanarySubject(Plate, face, Crop);
        await new Planting(subject, folder.Path, Path.GetDirectoryName(AppContext.BaseDirectory)!).PlantAsync(CancellationToken.None, browser: false);
        foreach (string place in (string[])["file", "wal", "log"])
        {
            var found = Scanner().Scan(folder.At(place)).Select(t => (t.What, t.Form)).ToHashSet();
            Assert.All(subject.Forms(), f => Assert.True(found.Contains((f.What, f.Form)), $"{f.Form} of {f.What} in {place}"));
        }
    }

    [Fact]
    public void Values_longer_than_a_page_are_put_together_again_from_the_database_as_well()
    {
        string path = folder.At("db");
        using (var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={path};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "CREATE TABLE t (a BLOB, b TEXT PRIMARY KEY) WITHOUT ROWID; INSERT INTO t VALUES (zeroblob(3000), 'x'); INSERT INTO t VALUES ($a, 'y')";
            _ = command.Parameters.AddWithValue("$a", Enumerable.Range(0, 60_000).Select(i => (byte)(i * 7 / 3)).ToArray());
            _ = command.ExecuteNonQuery();
        }
        byte[] joined = SqlitePages.Joined(File.ReadAllBytes(path))!;
        Assert.True(joined.AsSpan().IndexOf(Enumerable.Range(0, 60_000).Select(i => (byte)(i * 7 / 3)).ToArray()) >= 0);
        Assert.Null(SqlitePages.Joined(new byte[5000]));
    }

    private TraceScanner Scanner() => new([Plate], [face], jpeg => jpeg.Span.SequenceEqual(Crop) ? "a face on no list" : null);

    private static IEnumerable<string> Known(IEnumerable<(string What, string Form)> traces) =>
        traces.Where(t => t.What == "face" && !t.Form.StartsWith("template of somebody", StringComparison.Ordinal)).Select(t => t.Form);

    private static float[] Template(int seed)
    {
        var random = new Random(seed);
        float[] values = [.. Enumerable.Range(0, 512).Select(_ => (float)Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * (float)Math.Cos(2 * Math.PI * random.NextDouble()))];
        float length = MathF.Sqrt(values.Sum(v => v * v));
        return [.. values.Select(v => v / length)];
    }
}
