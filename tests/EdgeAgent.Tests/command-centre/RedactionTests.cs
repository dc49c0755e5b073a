using System.Net;
using System.Text.Json.Nodes;
using EdgeAgent.CommandCentre.Exhibits.Redaction;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Hw.Frames;
using EdgeAgent.Tests.DispatchClient;
using EdgeAgent.Tests.Support;
using EdgeAgent.Vision.Faces;
using EdgeAgent.Vision.Plates;

namespace EdgeAgent.Tests.CommandCentre;

/// <summary>Redacted copies: our own detectors find no face and no plate where they were covered, all else stays, the original is not touched.</summary>
public sealed class RedactionTests
{
    private const int Width = 1280, Height = 720, Frames = 30;
    private static readonly System.Text.Json.JsonSerializerOptions Web = new(System.Text.Json.JsonSerializerDefaults.Web);
    private const string Font = "/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc";

    [FreePictureFact]
    public async Task After_redaction_our_own_detectors_find_nothing_where_faces_and_plates_were_and_the_rest_stays()
    {
        await using var bench = await EvidenceBench.StartAsync();
        var clip = Street(bench.Centre.Folder);
        var id = await bench.AlertAsync(await bench.CarAsync("PB-1"), clip);
        var console = await bench.ConsoleAsync();
        var ready = await FindAsync(console, id);
        Assert.Equal((Width, Height), ((int)ready["width"]!, (int)ready["height"]!));
        // Sound begins a moment before the picture: the first picture stands until its time has come.
        Assert.InRange((int)ready["frames"]!, Frames, Frames + 2);
        var tracks = System.Text.Json.JsonSerializer.Deserialize<List<RedactionTrack>>(ready["tracks"]!, Web)!;
        var copyId = await RenderAsync(console, ready, "{}");

        var copy = await console.Http.GetByteArrayAsync(new Uri($"/api/evidence/{copyId}/file", UriKind.Relative));
        var (before, after) = (await FramesAsync(clip), await FramesAsync(copy));
        Assert.Equal(before.Count, after.Count);
        using var faces = new FaceDetector(EdgeAgent.Tests.Vision.Models.Open());
        using var plates = new PlateDetector(EdgeAgent.Tests.Vision.Models.Open());
        var (faceCovered, plateCovered) = (0, 0);
        for (var frame = 0; frame < before.Count; frame++)
        {
            var places = tracks.Select(track => track.At(frame)).OfType<RedactionBox>().Select(box => (X1: box.X, Y1: box.Y, X2: box.X + box.Width, Y2: box.Y + box.Height)).ToList();
            bool Covered(float x, float y) => places.Exists(place => x > place.X1 && x < place.X2 && y > place.Y1 && y < place.Y2);
            // Where the face and the plate really are in this picture.
            faceCovered += Covered(233 + (4 * frame), 163) ? 1 : 0;
            plateCovered += Covered(1088 - (3 * frame), 548) ? 1 : 0;
            // A flat cover with a rim may look like a plate to the detector, elsewhere (it takes the portrait's medals for one): nothing is in it.
            Assert.DoesNotContain(
                Found(faces, plates, after[frame]),
                left => Near(left, 233 + (4 * frame), 163, 60, 60) || Near(left, 1088 - (3 * frame), 548, 100, 40));
            Assert.True(Difference(before[frame], after[frame], (193 + (4 * frame), 123, 273 + (4 * frame), 203)) > 8, $"the face of frame {frame}");
            Assert.True(Difference(before[frame], after[frame], (1010 - (3 * frame), 525, 1166 - (3 * frame), 571)) > 8, $"the plate of frame {frame}");
            // Nothing moves in the lower left: what differs there is the encoder's doing.
            Assert.InRange(Difference(before[frame], after[frame], (20, 520, 320, 700)), 0, 3);
        }
        Assert.Equal((before.Count, before.Count), (faceCovered, plateCovered));
        Assert.Equal(clip, await console.Http.GetByteArrayAsync(new Uri($"/api/evidence/{id}/file", UriKind.Relative)));
        var told = Clips.Run("ffprobe", ["-v", "error", "-show_streams", "-show_format", "-of", "json", Saved(bench, copy)]);
        Assert.DoesNotContain("audio", told, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", told, StringComparison.Ordinal);
        Assert.Contains("secret", Clips.Run("ffprobe", ["-v", "error", "-show_streams", "-show_format", "-of", "json", Saved(bench, clip)]), StringComparison.Ordinal);
        Assert.Contains(bench.Centre.Audit(), row => row.StartsWith($"dispatcher redaction_begun {id}", StringComparison.Ordinal));
        Assert.Contains(bench.Centre.Audit(), row => row.StartsWith($"dispatcher redacted_copy_made {copyId} of {id}", StringComparison.Ordinal));
        // A dispatcher may export the copy, though not the original.
        Assert.Equal(HttpStatusCode.OK, (await console.PostAsync($"/api/evidence/{copyId}/export", """{"reason":"for the press"}""")).Status);
    }

    [FreePictureFact]
    public async Task A_face_that_a_person_keeps_stays_and_a_box_drawn_by_hand_covers()
    {
        await using var bench = await EvidenceBench.StartAsync();
        var clip = Street(bench.Centre.Folder);
        var id = await bench.AlertAsync(await bench.CarAsync("PB-1"), clip);
        var console = await bench.ConsoleAsync();
        var ready = await FindAsync(console, id);
        var kept = new JsonArray([.. ready["tracks"]!.AsArray().Where(track => (string)track!["kind"]! == "face").Select(track => (JsonNode)(string)track!["id"]!)]);
        foreach (var bad in (string[])["""{"add":[{"fromFrame":0,"toFrame":9999,"x":1,"y":1,"width":10,"height":10}]}""", """{"add":[{"fromFrame":5,"toFrame":4,"x":1,"y":1,"width":10,"height":10}]}""", """{"move":[{"id":"face-1","fromFrame":0,"toFrame":1,"dx":0,"dy":0,"grow":0}]}"""])
            Assert.Equal("bad_box", (string?)(await console.PostAsync($"/api/redactions/{(string)ready["jobId"]!}/render", bad)).Json!["code"]);
        var copyId = await RenderAsync(console, ready, $$"""{"keep":{{kept.ToJsonString()}},"add":[{"fromFrame":10,"toFrame":19,"x":750,"y":360,"width":140,"height":100}]}""");
        var (before, after) = (await FramesAsync(clip), await FramesAsync(await console.Http.GetByteArrayAsync(new Uri($"/api/evidence/{copyId}/file", UriKind.Relative))));
        using var faces = new FaceDetector(EdgeAgent.Tests.Vision.Models.Open());
        var found = new FaceBox[8];
        Assert.True(faces.Detect(View(after[Frames / 2]), found) > 0);
        Assert.True(Difference(before[15], after[15], (750, 360, 890, 460)) > 5);
        Assert.InRange(Difference(before[5], after[5], (750, 360, 890, 460)), 0, 3);
    }

    [Fact]
    public void Boxes_move_straight_between_two_and_edits_touch_their_span_only()
    {
        var track = new RedactionTrack("face-1", "face", false, [new(10, 0, 0, 20, 20), new(20, 100, 50, 40, 40)]);
        Assert.Null(track.At(9));
        Assert.Equal(new RedactionBox(15, 50, 25, 30, 30), track.At(15));
        Assert.Null(track.At(21));
        var edited = Assert.Single(RedactionPlan.Apply([track], new RedactionEdits(null, null, [new BoxMove("face-1", 12, 14, 5, -5, 2)], null)));
        Assert.Equal(track.At(11), edited.At(11));
        Assert.Equal(track.At(15), edited.At(15));
        var (plain, moved) = (track.At(13)!, edited.At(13)!);
        Assert.Equal(plain.X + 5 - (plain.Width / 2), moved.X, 0.01f);
        Assert.Equal(plain.Y - 5 - (plain.Height / 2), moved.Y, 0.01f);
        Assert.Equal(2 * plain.Width, moved.Width, 0.01f);
        Assert.Empty(RedactionPlan.Apply([track], new RedactionEdits(null, ["face-1"], null, null)));
        Assert.True(Assert.Single(RedactionPlan.Apply([track], new RedactionEdits(["face-1"], null, null, null))).Keep);
    }

    [Fact]
    public void Covered_pixels_are_a_few_flat_colours_and_no_other_pixel_changes()
    {
        var random = new Random(7);
        var picture = new byte[3 * 200 * 100];
        random.NextBytes(picture);
        var before = picture.ToArray();
        Mosaic.Cover(picture, 200, 100, 600, new MosaicBox(50, 30, 40, 40), 0);
        var colours = new HashSet<(byte, byte, byte)>();
        for (var y = 0; y < 100; y++)
        {
            for (var x = 0; x < 200; x++)
            {
                var at = 3 * ((y * 200) + x);
                if (x is >= 50 and < 90 && y is >= 30 and < 70)
                    colours.Add((picture[at], picture[at + 1], picture[at + 2]));
                else
                    Assert.Equal(before[at], picture[at]);
            }
        }
        Assert.InRange(colours.Count, 1, 16);
        // Over the edge, and nowhere.
        Mosaic.Cover(picture, 200, 100, 600, new MosaicBox(-30, -30, 60, 60), 0.2f);
        Mosaic.Cover(picture, 200, 100, 600, new MosaicBox(500, 500, 60, 60), 0.2f);
        Mosaic.Cover(picture, 200, 100, 600, new MosaicBox(float.NaN, 0, 60, 60), 0);
    }

    [Fact]
    public async Task What_is_no_video_fails_with_its_reason_a_cancelled_job_ends_and_nobody_else_sees_it()
    {
        await using var bench = await EvidenceBench.StartAsync();
        var car = await bench.CarAsync("PB-1");
        var (console, chief) = (await bench.ConsoleAsync(), await bench.ConsoleAsync("chief"));
        var broken = await bench.AlertAsync(car, System.Security.Cryptography.RandomNumberGenerator.GetBytes(50_000));
        var job = await BeginAsync(console, broken);
        var failed = await UntilAsync(console, job, state => state is "failed" or "ready");
        Assert.Equal(("failed", "not_a_video"), ((string)failed["state"]!, (string)failed["code"]!));
        Assert.Equal(HttpStatusCode.NotFound, await chief.GetAsync($"/api/redactions/{job}"));

        var video = Clips.Numbered(bench.Centre.Folder, "long.mp4", 1280, 720, 200, Clips.H264);
        var longer = await bench.AlertAsync(car, await File.ReadAllBytesAsync(Fragmented(video)));
        job = await BeginAsync(console, longer);
        Assert.Equal(HttpStatusCode.NotFound, await chief.DeleteAsync($"/api/redactions/{job}"));
        Assert.Equal(HttpStatusCode.NoContent, await console.DeleteAsync($"/api/redactions/{job}"));
        Assert.Equal("cancelled", (string)(await UntilAsync(console, job, state => state is "cancelled" or "ready"))["state"]!);
        Assert.Equal("redaction_not_ready", (string?)(await console.PostAsync($"/api/redactions/{job}/render", "{}")).Json!["code"]);
        var none = await bench.AlertAsync(car);
        Assert.Equal("nothing_to_redact", (string?)(await console.PostAsync($"/api/evidence/{none}/redactions", """{"reason":"for the press"}""")).Json!["code"]);
    }

    private static async Task<string> BeginAsync(ConsoleClient console, Guid id)
    {
        var (status, json) = await console.PostAsync($"/api/evidence/{id}/redactions", """{"reason":"for the press"}""");
        Assert.Equal(HttpStatusCode.OK, status);
        return (string)json!["jobId"]!;
    }

    private static async Task<JsonNode> FindAsync(ConsoleClient console, Guid id)
    {
        var job = await BeginAsync(console, id);
        var told = await UntilAsync(console, job, state => state is "ready" or "failed");
        Assert.True((string)told["state"]! == "ready", $"{told["code"]}");
        told["jobId"] = job;
        return told;
    }

    private static async Task<string> RenderAsync(ConsoleClient console, JsonNode ready, string edits)
    {
        Assert.Equal(HttpStatusCode.NoContent, (await console.PostAsync($"/api/redactions/{(string)ready["jobId"]!}/render", edits)).Status);
        var done = await UntilAsync(console, (string)ready["jobId"]!, state => state is "done" or "failed");
        Assert.True((string)done["state"]! == "done", $"{done["code"]}");
        return (string)done["copyId"]!;
    }

    private static async Task<JsonNode> UntilAsync(ConsoleClient console, string job, Predicate<string> meant)
    {
        for (var tries = 0; tries < 1200; tries++)
        {
            var told = JsonNode.Parse(await console.Http.GetStringAsync(new Uri($"/api/redactions/{job}", UriKind.Relative)))!;
            if (meant((string)told["state"]!))
                return told;
            await Task.Delay(100);
        }
        throw new TimeoutException("The redaction does not end.");
    }

    /// <summary>A portrait that moves along a wall, a plate that moves the other way, sound, and a title that nobody is to read.</summary>
    private static byte[] Street(string folder)
    {
        var path = Path.Combine(folder, "street.mp4");
        _ = Clips.Ffmpeg(
            "-f", "lavfi", "-i", $"color=c=0x808890:s={Width}x{Height}:r=25,drawbox=x=800:y=400:w=440:h=240:c=0x303438:t=fill",
            "-loop", "1", "-i", FreePicture.Hopper,
            "-f", "lavfi", "-i", "color=c=0x1040b0:s=176x56:r=25," + $"drawtext=fontfile={Font}:text='京A·12345':fontsize=34:fontcolor=white:x=8:y=6",
            "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000",
            "-filter_complex", "[1:v]scale=-2:300[p];[0:v][p]overlay=x=100+4*n:y=60:shortest=0[a];[a][2:v]overlay=x=1000-3*n:y=520[v]",
            "-map", "[v]", "-map", "3:a", "-frames:v", $"{Frames}", "-shortest", "-metadata", "title=secret place",
            "-c:v", "libx264", "-preset", "fast", "-bf", "0", "-crf", "16", "-pix_fmt", "yuv420p", "-c:a", "aac", "-t", "1.2",
            "-movflags", "frag_keyframe+empty_moov+default_base_moof", path);
        return File.ReadAllBytes(path);
    }

    private static string Fragmented(string video)
    {
        var path = video + ".frag.mp4";
        _ = Clips.Ffmpeg("-i", video, "-c", "copy", "-movflags", "frag_keyframe+empty_moov+default_base_moof", path);
        return path;
    }

    private static string Saved(EvidenceBench bench, byte[] content)
    {
        var path = Path.Combine(bench.Centre.Folder, Path.GetRandomFileName() + ".mp4");
        File.WriteAllBytes(path, content);
        return path;
    }

    private static async Task<IReadOnlyList<byte[]>> FramesAsync(byte[] video)
    {
        var frames = new List<byte[]>();
        var facts = await VideoPipe.ProbeAsync(video, CancellationToken.None);
        await VideoPipe.ReadAsync(video, facts, (_, bgr) => frames.Add(bgr.ToArray()), CancellationToken.None);
        return frames;
    }

    private static BgrView View(byte[] frame) => new(frame, Width, Height, 3 * Width);

    private static List<(float X1, float Y1, float X2, float Y2)> Found(FaceDetector faces, PlateDetector plates, byte[] frame)
    {
        var (foundFaces, foundPlates) = (new FaceBox[16], new PlateBox[16]);
        var places = foundFaces[..faces.Detect(View(frame), foundFaces)].Select(face => (face.X1, face.Y1, face.X2, face.Y2)).ToList();
        places.AddRange(foundPlates[..plates.Detect(View(frame), foundPlates)].Select(plate => plate.Corners.Bounds));
        return places;
    }

    private static bool Near((float X1, float Y1, float X2, float Y2) found, float x, float y, float across, float down) =>
        MathF.Abs(((found.X1 + found.X2) / 2) - x) < across && MathF.Abs(((found.Y1 + found.Y2) / 2) - y) < down;

    /// <summary>Mean difference of a byte within a place.</summary>
    private static double Difference(byte[] before, byte[] after, (float X1, float Y1, float X2, float Y2) place)
    {
        long sum = 0, count = 0;
        for (var y = Math.Max(0, (int)place.Y1); y < Math.Min(Height, (int)place.Y2); y++)
        {
            for (var x = 3 * Math.Max(0, (int)place.X1); x < 3 * Math.Min(Width, (int)place.X2); x++, count++)
                sum += Math.Abs(before[(3 * Width * y) + x] - after[(3 * Width * y) + x]);
        }
        return (double)sum / Math.Max(1, count);
    }
}
