using EdgeAgent.Rig.Clips;

namespace EdgeAgent.Tests.Rig;

public sealed class CastTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("rig-people-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_folder_that_is_not_there_or_holds_no_picture_is_refused_by_name()
    {
        Assert.Contains("no such folder", Assert.Throws<RigException>(() => PeopleFolder.Read(Path.Combine(folder, "none"))).Message);
        File.WriteAllText(Path.Combine(folder, "notes.txt"), "");
        Assert.Contains(folder, Assert.Throws<RigException>(() => PeopleFolder.Read(folder)).Message);
    }

    [Fact]
    public void A_person_a_file_or_a_folder_enrolled_with_the_first_and_shown_with_the_second()
    {
        File.WriteAllText(Path.Combine(folder, "anna.jpg"), "");
        Directory.CreateDirectory(Path.Combine(folder, "bert"));
        foreach (string name in (string[])["1.png", "2.png", "3.png"])
            File.WriteAllText(Path.Combine(folder, "bert", name), "");

        IReadOnlyList<Person> persons = PeopleFolder.Read(folder);

        Assert.Equal(["anna", "bert"], persons.Select(p => p.Id));
        Assert.Equal([true, false], persons.Select(p => p.Listed));
        Assert.Equal(["1.png", "2.png"], [Path.GetFileName(persons[1].EnrolPicture), Path.GetFileName(persons[1].ShownPicture)]);
    }

    [Fact]
    public void A_crowd_is_cut_to_the_bound()
    {
        for (int i = 0; i < PeopleFolder.MaxPersons + 5; i++)
            File.WriteAllText(Path.Combine(folder, $"{i:00}.jpg"), "");
        Assert.Equal(PeopleFolder.MaxPersons, PeopleFolder.Read(folder).Count);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(20261122)]
    public void Every_cast_has_listed_and_unlisted_plates_and_a_trap_one_character_off(int seed)
    {
        var cast = new Cast(seed, []);
        VehicleRole[] roles = [.. Enumerable.Range(1, Cast.CaptureCameras).SelectMany(c => cast.Of(c)).Select(s => s.Vehicle!)];

        Assert.Equal(roles.Length, roles.Select(r => r.Plate.Text).Distinct().Count());
        Assert.Equal(5, roles.Count(r => r.Listed));
        Assert.All(roles, r => Assert.Equal(r.Listed, cast.ListedPlates.Contains(r.Plate)));
        Assert.All(roles, r => Assert.Equal(r.Plate.Class == PlateClass.Green ? 8 : 7, r.Plate.Text.Length));
        // I and O are on no plate: they would be read as 1 and 0.
        Assert.All(cast.ListedPlates, p => Assert.DoesNotContain(p.Text, c => c is 'I' or 'O'));

        string listed = cast.Of(2)[0].Vehicle!.Plate.Text;
        string trap = cast.Of(6)[0].Vehicle!.Plate.Text;
        Assert.Equal(1, listed.Zip(trap).Count(p => p.First != p.Second));
        Assert.False(cast.Of(6)[0].Vehicle!.Listed);
    }

    [Fact]
    public void With_a_listed_and_an_unlisted_person_every_camera_shows_somebody_and_the_cab_the_unlisted()
    {
        var cast = new Cast(1, [new Person("wanted", "a", "a", FaceIn.Portrait, Listed: true), new Person("stranger", "b", "b", FaceIn.Portrait, Listed: false)]);
        for (int camera = 1; camera <= Cast.CaptureCameras; camera++)
            Assert.Equal(2, cast.Of(camera).Count(s => s.Person is not null));
        Assert.Contains(cast.Of(2), s => s.Person?.Id == "wanted");
        Assert.Contains(cast.Of(2), s => s.Person?.Id == "stranger");
        Assert.Equal("stranger", cast.InCab!.Id);
    }
}
