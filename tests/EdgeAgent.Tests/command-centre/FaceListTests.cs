using System.Text.Json;
using EdgeAgent.CommandCentre.Cli;
using EdgeAgent.CommandCentre.Lists;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
using EdgeAgent.Tests.Support;
using EdgeAgent.Vision.Inference;

namespace EdgeAgent.Tests.CommandCentre;

/// <summary>Faces from pictures, with the models that the cars use.</summary>
public sealed class FaceListTests : IAsyncLifetime
{
    private readonly CentreUnderTest centre = CentreUnderTest.Make();

    // Built elsewhere than under the repository, nothing leads to the models.
    static FaceListTests() => Environment.SetEnvironmentVariable(ModelStore.DirectoryVariable, Path.Combine(Repository.Root, "models"));

    private static string[] People => [.. Directory.GetDirectories(SharedData.At("data/faces-lfw")).Order(StringComparer.Ordinal).Take(3)];

    [SharedDataFact("data/faces-lfw")]
    public async Task Pictures_become_templates_and_small_portraits_that_the_cars_accept()
    {
        var file = Path.Combine(centre.Folder, "missing.json");
        var draft = Draft(People.Select(person => Directory.GetFiles(person).Order(StringComparer.Ordinal).First()));
        await File.WriteAllTextAsync(file, JsonSerializer.Serialize(draft, JsonSerializerOptions.Web));
        var issued = await centre.CommandAsync(null, "lists", "issue", "--file", file, "--json");
        Assert.True(issued.ExitCode == 0, issued.Error);
        using var cli = new OpenCentre(centre.Data);
        var bytes = cli.Lists.Envelope("PB-1", "missing", 1, OpenCentre.Now)!;
        using var root = System.Security.Cryptography.X509Certificates.X509CertificateLoader.LoadCertificateFromFile(cli.Folder.KeyFile("list-root.pem"));
        using var pictures = new FacePictures();
        var verdict = WatchlistVerifier.Verify(bytes, new ListTrust([root]), new ListCheck { NowUnixMs = OpenCentre.Now, EmbeddingModelSha256 = pictures.ModelSha256 });
        Assert.True(verdict.Accepted, verdict.SentenceEn);
        Assert.Equal(3, verdict.List!.Faces.Count);
        Assert.All(verdict.List.Faces, face =>
        {
            Assert.InRange(face.PortraitJpeg.Length, 500, FacePictures.PortraitBytes);
            Assert.Equal([0xFF, 0xD8], face.PortraitJpeg.ToByteArray()[..2]);
        });
        Assert.True(verdict.List.ValidToUnixMs - verdict.List.IssuedAtUnixMs <= TimeSpan.FromHours(24).TotalMilliseconds);
        // Nothing of a face lies open in the database.
        cli.Database.Checkpoint();
        var template = verdict.List.Faces[0].Template.ToByteArray();
        Assert.DoesNotContain(Convert.ToHexString(template.AsSpan(0, 32)), Convert.ToHexString(await File.ReadAllBytesAsync(cli.Folder.Database)));
    }

    [SharedDataFact("data/faces-lfw")]
    public void A_picture_without_exactly_one_usable_face_is_refused_naming_the_file()
    {
        using var pictures = new FacePictures();
        var plate = Directory.GetFiles(SharedData.At("data/plates"), "*.*").First(file => file.EndsWith(".jpg", StringComparison.Ordinal) || file.EndsWith(".png", StringComparison.Ordinal));
        Assert.Contains(plate, Assert.ThrowsAny<CentreException>(() => pictures.Enrol(plate)).Message);
        var text = Path.Combine(centre.Folder, "no-picture.jpg");
        File.WriteAllText(text, "this is no picture");
        Assert.Contains(text, Assert.ThrowsAny<CentreException>(() => pictures.Enrol(text)).Message);
        var absent = Path.Combine(centre.Folder, "absent.jpg");
        Assert.Contains(absent, Assert.ThrowsAny<CentreException>(() => pictures.Enrol(absent)).Message);
    }

    [SharedDataFact("data/faces-lfw")]
    public void Faces_for_longer_than_a_day_or_without_an_authorisation_are_not_issued()
    {
        var picture = Directory.GetFiles(People[0]).Order(StringComparer.Ordinal).First();
        var good = Draft([picture]);
        (ListDraft Draft, string Code)[] bad =
        [
            (good with { ValidHours = 25 }, "too_long_validity"),
            (good with { FaceAuthorisation = null }, "no_face_authorisation"),
            (good with { Category = "stolen_vehicle" }, "faces_in_plate_category"),
            (good with { Category = "wanted_warrant", Entries = [good.Entries[0] with { Minor = true }] }, "minor_not_allowed"),
        ];
        using var cli = new OpenCentre(centre.Data);
        foreach (var (draft, code) in bad)
            Assert.Contains($"[{code}]", Assert.Throws<CentreException>(() => cli.Issuing().Issue(ListBuilder.Build(draft, centre.Folder, TimeProvider.System), [])).Message);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await centre.DisposeAsync();

    private static ListDraft Draft(IEnumerable<string> pictures) => new()
    {
        ListId = "missing",
        Kind = "faces",
        Category = "missing_or_vulnerable",
        TitleZh = "失踪人员",
        TitleEn = "Missing people",
        Authority = "Test bureau",
        LegalReference = "T-2026-2",
        Purpose = "find missing people",
        Source = "test",
        FaceAuthorisation = new FaceAuthorisationDraft { AuthorisedBy = "Judge", Reference = "J-1", Purpose = "find missing people" },
        Entries = [.. pictures.Select((picture, at) => new EntryDraft { EntryId = $"p{at}", SubjectReference = $"case {at}", Picture = picture })],
    };
}
