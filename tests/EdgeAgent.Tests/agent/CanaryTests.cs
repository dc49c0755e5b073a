using System.Runtime.InteropServices;
using System.Text;
using EdgeAgent.Chaos.Canary;
using EdgeAgent.Tests.DispatchClient;
using EdgeAgent.Tests.Support;
using Google.Protobuf;

namespace EdgeAgent.Tests.Agent;

/// <summary>Who is on no list is in no file (DESIGN 4.2); who was rejected leaves no picture behind.</summary>
public sealed class CanaryTests
{
    private const string Plate = "沪Z9K7Q2";

    [Fact]
    public async Task Unlisted_plates_and_faces_are_in_no_file_that_the_host_wrote()
    {
        await using BenchCar car = await BenchCar.StartAsync();
        Assert.True(car.TakePlates().Accepted);
        Assert.True(car.TakeFaces().Accepted);
        _ = await car.SignInAsync();
        ByteString stranger = TestLists.Template(99);
        AssertFinds(car.Data, stranger);

        await using FakeEyes eyes = await car.EyesAsync();
        await using Page page = await car.PageAsync();
        await Eventually.HoldsAsync(() => eyes.Seeing is { Faces: true, Plates: true }, "matching");
        for (int i = 0; i < 20; i++)
        {
            await eyes.SeePlateAsync(Plate);
            await eyes.SeeFaceAsync(stranger, car.Model);
        }
        // A hit behind them in the queue: when it shows, all before it were looked at, and events and audit were written.
        await eyes.SeePlateAsync("京A12345");
        string id = (string)(await page.UntilAsync("alert"))["id"]!;
        _ = await car.DecideAsync(id, "confirmed");
        Assert.Empty(Scan(car.Data, stranger));
        await car.EndAsync();
        Assert.Empty(Scan(car.Data, stranger));
    }

    [Fact]
    public async Task A_decided_plate_and_a_listed_face_lie_nowhere_in_the_clear()
    {
        await using BenchCar car = await BenchCar.StartAsync();
        Assert.True(car.TakePlates(l => l.Plates[0].Plate = Plate).Accepted);
        Assert.True(car.TakeFaces().Accepted);
        _ = await car.SignInAsync();
        await using FakeEyes eyes = await car.EyesAsync();
        await using Page page = await car.PageAsync();
        await eyes.SeePlateAsync(Plate);
        _ = await car.DecideAsync((string)(await page.UntilAsync("alert"))["id"]!, "confirmed", "", "note about " + Plate);
        Assert.Empty(Scan(car.Data, TestLists.Template(1)));
        Assert.Empty(TraceScanner.Scan(car.Data, ["o1's 482913 PIN"[5..11]]));
    }

    // The scanner is only worth something when it finds what was planted, in every form.
    private static void AssertFinds(string folder, ByteString template)
    {
        string planted = Path.Combine(folder, "planted.bin");
        float[] floats = MemoryMarshal.Cast<byte, float>(template.Span).ToArray();
        byte[][] forms =
        [
            [.. new byte[3], .. template.Span],
            Encoding.UTF8.GetBytes(Plate),
            [1, .. Encoding.Unicode.GetBytes(Plate)],
            Encoding.ASCII.GetBytes(Convert.ToBase64String(Encoding.UTF8.GetBytes(Plate))),
            Encoding.ASCII.GetBytes(Convert.ToHexStringLower(Encoding.UTF8.GetBytes(Plate))),
            Encoding.ASCII.GetBytes(Convert.ToHexString(Encoding.UTF8.GetBytes(Plate))),
            Encoding.ASCII.GetBytes(Convert.ToBase64String(template.Span)),
            Encoding.ASCII.GetBytes(Convert.ToHexStringLower(template.Span)),
            MemoryMarshal.AsBytes(floats.Select(f => (double)f).ToArray().AsSpan()).ToArray(),
        ];
        foreach (byte[] form in forms)
        {
            File.WriteAllBytes(planted, form);
            Assert.NotEmpty(Scan(folder, template));
        }
        File.Delete(planted);
        Assert.Empty(Scan(folder, template));
    }

    private static List<string> Scan(string folder, ByteString template)
    {
        List<string> found = TraceScanner.Scan(folder, [Plate]);
        // Sixteen components in a row are this face's and nobody else's; in the middle, so that no header hides them.
        ReadOnlySpan<byte> part = template.Span.Slice(1020, 66);
        float[] floats = MemoryMarshal.Cast<byte, float>(template.Span.Slice(1024, 64)).ToArray();
        (string Form, byte[] Bytes)[] needles =
        [
            ("floats", part.ToArray()),
            ("doubles", MemoryMarshal.AsBytes(floats.Select(f => (double)f).ToArray().AsSpan()).ToArray()),
            ("hex", Encoding.ASCII.GetBytes(Convert.ToHexStringLower(part))),
            ("hex upper", Encoding.ASCII.GetBytes(Convert.ToHexString(part))),
            // 1020 is a multiple of three: base64 of the whole holds base64 of the part as it is.
            ("base64", Encoding.ASCII.GetBytes(Convert.ToBase64String(part))),
        ];
        foreach (string file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            byte[] content;
            if (Path.GetFileName(file) is "events.lock" or "eyes.sock" or "technician.sock")
            {
                // A lock held against other openers and sockets: nothing can lie in them.
                Assert.Equal(0, new FileInfo(file).Length);
                continue;
            }
            using (var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete))
            {
                content = new byte[stream.Length];
                _ = stream.ReadAtLeast(content, content.Length, throwOnEndOfStream: false);
            }
            found.AddRange(needles.Where(n => content.AsSpan().IndexOf(n.Bytes) >= 0).Select(n => $"{file}: template as {n.Form}"));
        }
        return found;
    }
}
