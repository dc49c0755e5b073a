using System.Diagnostics;
using System.Text.Json;
using EdgeAgent.Benchmarks;
using EdgeAgent.Benchmarks.Eval;
using EdgeAgent.Tests.Support;
using EdgeAgent.Vision.Inference;

namespace EdgeAgent.Tests.Vision;

public sealed class EvalTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    [Theory]
    [InlineData(null, "no labels.csv")]
    [InlineData("", "labels no picture")]
    [InlineData("file,plate,kind\n", "labels no picture")]
    [InlineData("name,text\na.png,京A12345\n", "needs the columns")]
    [InlineData("file,plate,kind\na.png,京A12345,scene\n", "line 2: there is no picture")]
    [InlineData("file,plate,kind\nlabels.csv,京A12345,photo\n", "line 2: kind is \"photo\"")]
    [InlineData("file,plate,kind\n,京A12345,scene\n", "line 2: there is no file")]
    public void A_folder_that_is_not_labelled_is_refused_with_what_is_wrong(string? labels, string sentence)
    {
        if (labels is not null)
            File.WriteAllText(_folder["labels.csv"], labels);
        var error = Assert.Throws<InputException>(() => PlateEval.Run(_folder.Path, new PlateEvalOptions(), Models.Open(), TextWriter.Null));
        Assert.Contains(sentence, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_drawn_folder_is_measured_and_printed_with_the_keys_that_others_rely_on(bool thumbnails)
    {
        Pictures.DrawPlate(_folder["a.png"], "京A·12345");
        Pictures.DrawPlate(_folder["b.png"], "沪B·6H790");
        Pictures.DrawPlate(_folder["c.png"], "川C·77881");
        File.WriteAllText(_folder["broken.png"], "no picture");
        File.WriteAllText(
            _folder["labels.csv"],
            "file,plate,kind,set,colour,others\na.png,京A12345,scene,s,blue,\nb.png,沪B00000,scene,s,blue,\nc.png,川C00000,scene,s,blue,川C77881|川C1\nbroken.png,京A12345,scene,s,blue,\n");
        var figures = PlateEval.Run(
            _folder.Path, new PlateEvalOptions(PerFile: true, Visits: 1, Report: new FileInfo(_folder["report/plates.html"]), Thumbnails: thumbnails), Models.Open(), TextWriter.Null);
        Assert.Equal((4, 0.25, 0.25, 0.25, 1), (figures.Images, figures.Exact, figures.Wrong, figures.Missed, figures.Unreadable));
        Assert.Equal(4, figures.PerFile!.Count);

        using var json = JsonDocument.Parse(Report.Line(figures));
        var root = json.RootElement;
        string[] keys = ["images", "exact", "wrong", "missed", "ms_per_image", "crops", "baseline", "by_class", "visits", "visits_real", "ece", "per_file"];
        Assert.All(keys, k => Assert.True(root.TryGetProperty(k, out _), k));
        Assert.All((string[])["images", "exact", "wrong"], k => Assert.True(root.GetProperty("crops").TryGetProperty(k, out _), k));
        string[] visit = ["n", "read", "wrong", "single_ocr", "ratio", "ece", "seed", "by_class"];
        Assert.All(visit, k => Assert.True(root.GetProperty("visits").TryGetProperty(k, out _) && root.GetProperty("visits_real").TryGetProperty(k, out _), k));
        Assert.Equal(1, figures.Visits!.N);
        var blue = root.GetProperty("by_class").GetProperty("blue");
        Assert.Equal((4, 0.25), (blue.GetProperty("n").GetInt32(), blue.GetProperty("exact").GetDouble()));
        Assert.True(blue.GetProperty("low").GetDouble() < 0.25 && blue.GetProperty("high").GetDouble() > 0.25);
        string page = File.ReadAllText(_folder["report/plates.html"]);
        Assert.Contains("<svg", page, StringComparison.Ordinal);
        // Pictures of real plates only where they were asked for.
        Assert.Equal(thumbnails, page.Contains("data:image", StringComparison.Ordinal));
        Assert.All((string[])["exact", "wrong", "missed", "ms_per_image", "crops_exact"], k => Assert.True(root.GetProperty("baseline").TryGetProperty(k, out _), k));
    }

    [Fact]
    public void The_command_says_in_one_sentence_what_is_wrong_and_exits_2()
    {
        var (code, output, error) = Run("eval", "plates", _folder["nowhere"]);
        Assert.Equal((2, ""), (code, output));
        Assert.Contains("There is no folder", error, StringComparison.Ordinal);
        Assert.Equal(2, Run("eval", "plates").Code);
        Assert.Equal(2, Run("eval", "voices", _folder.Path).Code);
        Assert.Equal(0, Run("eval", "faces", "--help").Code);
    }

    public void Dispose() => _folder.Dispose();

    private static (int Code, string Output, string Error) Run(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(PlateEval).Assembly.Location, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { [ModelStore.DirectoryVariable] = Models.Directory },
        };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.GetAwaiter().GetResult());
    }
}
