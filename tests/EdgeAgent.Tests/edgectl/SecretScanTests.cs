using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using EdgeAgent.Edgectl.Support;

namespace EdgeAgent.Tests.Edgectl;

/// <summary>What must not leave a box is found however it is written, and what a bundle is made of is not.</summary>
public sealed class SecretScanTests
{
    private static readonly byte[] Jpeg = [0xFF, 0xD8, 0xFF, 0xE0, 0, 16, .. "JFIF"u8, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0, 0xFF, 0xDB];
    private static readonly byte[] Png = [0x89, .. "PNG\r\n"u8, 0x1A, 0x0A, 0, 0, 0, 13, .. "IHDR"u8, 0, 0, 1, 0];
    private static readonly byte[] Mp4 = [0, 0, 0, 24, .. "ftypiso5"u8, 0, 0, 2, 0, .. "iso5iso6"u8];
    private static readonly byte[] Fragment = [0, 0, 1, 0, .. "moof"u8, 0, 0, 0, 16, .. "mfhd"u8, 0, 0, 0, 0, 0, 0, 0, 1];

    public static TheoryData<string, byte[]> Contents => new()
    {
        { SecretKinds.Picture, Jpeg }, { SecretKinds.Picture, Png }, { SecretKinds.Video, Mp4 }, { SecretKinds.Video, Fragment },
        { SecretKinds.FaceTemplate, Template(1) }, { SecretKinds.FaceTemplate, Template(2) },
        { SecretKinds.Plate, "京A12345"u8.ToArray() }, { SecretKinds.Plate, "粤BD12345"u8.ToArray() },
    };

    [Theory]
    [MemberData(nameof(Contents))]
    public void A_picture_a_video_a_template_and_a_plate_are_found_in_bytes_base64_and_hexadecimal(string kind, byte[] content)
    {
        var base64 = Convert.ToBase64String(content);
        byte[][] forms =
        [
            content,
            [.. "before it "u8, .. content, .. " and after"u8],
            Text($"data={base64};"),
            Text($"\"{base64.TrimEnd('=').Replace('+', '-').Replace('/', '_')}\""),
            Text($"head\n{Convert.ToBase64String(content, Base64FormattingOptions.InsertLineBreaks)}\ntail"),
            Text($"x {Convert.ToHexString(content)}"),
            Text($"x {Convert.ToHexStringLower(content)}"),
            Text($"twice {Convert.ToBase64String(Text($"\"{base64}\""))}"),
        ];
        Assert.All(forms, form => Assert.Contains(kind, Found(form)));
    }

    [Theory]
    [InlineData(SecretKinds.Plate, "saw 京A·12345 at the gate")]
    [InlineData(SecretKinds.Plate, "saw 京 a 1 2 3 4 5")]
    [InlineData(SecretKinds.Plate, "saw 京Ａ１２３４５")]
    [InlineData(SecretKinds.Plate, """{"plate":"\u4eacA12345"}""")]
    [InlineData(SecretKinds.Plate, "/search?plate=%E4%BA%ACA12345")]
    [InlineData(SecretKinds.Plate, "粤Z1234港")]
    [InlineData(SecretKinds.Plate, "WJ京12345")]
    [InlineData(SecretKinds.Plate, "车牌KA12345。")]
    [InlineData(SecretKinds.Key, "-----BEGIN " + "PRIVATE KEY-----")]
    [InlineData(SecretKinds.Key, "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg")]
    [InlineData(SecretKinds.Key, "vault 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    [InlineData(SecretKinds.Key, "k=n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=")]
    [InlineData(SecretKinds.Token, "Authorization: Bearer abcdef0123456789")]
    [InlineData(SecretKinds.Token, "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ1bml0In0.c2lnbmF0dXJl")]
    [InlineData(SecretKinds.Token, "rtsp://admin:hunter2@192.0.2.7/main")]
    [InlineData(SecretKinds.Token, "\"PtzPassword\": \"hunter2\"")]
    [InlineData(SecretKinds.Token, "口令：开门见山了")]
    [InlineData(SecretKinds.Pin, "the PIN is 482913")]
    [InlineData(SecretKinds.Pin, "\"pin\":\"482913\"")]
    [InlineData(SecretKinds.Person, "called 13812345678")]
    [InlineData(SecretKinds.Person, "holder 11010519491231002X")]
    [InlineData(SecretKinds.FaceTemplate, "[0.0123,-0.0456,0.0789,0.0123,-0.0456,0.0789,0.0123,-0.0456,0.0789,0.0123,-0.0456,0.0789,0.0123,-0.0456,0.0789,0.0123,-0.0456,0.0789,0.0123,-0.0456,0.0789,0.0123,-0.0456,0.0789,0.0123,-0.0456,0.0789,0.0123,-0.0456,0.0789,0.0123,-0.0456,0.0789]")]
    public void What_is_written_as_text_is_found(string kind, string text) => Assert.Contains(kind, Found(Text(text)));

    [Theory]
    [InlineData("2026-05-01T08:00:00.123Z info     Supervisor[4001] Stage gnss ended (no answer from 127.0.0.1:2947); again in 1.0 s.")]
    [InlineData("Version 1.4.0+0123456789abcdef0123456789abcdef01234567 of 20260501, 4194304 bytes in /usr/lib/edge-agent/dotnet/shared/Microsoft.NETCore.App/10.0.1")]
    [InlineData("event 0198f0c2-7d1e-7abc-8def-0123456789ab of unit PB-0001 at 1769700000000 (rtsp://192.0.2.7/main)")]
    [InlineData("""{"Cameras[0].PtzPassword":"(removed)","Cameras[0].Main":"rtsp://192.0.2.7/main","AlertLapseSeconds":120}""")]
    [InlineData("[ 1.234567] usb 1-1: new high-speed USB device number 2 using xhci_hcd, idVendor=0bda, idProduct=9210")]
    [InlineData("名单已过期，密钥与内容已销毁。")]
    public void What_a_bundle_is_made_of_is_not(string text) => Assert.Empty(Found(Text(text)));

    [Fact]
    public void A_hash_that_is_known_to_be_public_is_no_key()
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData("model"u8));
        Assert.Contains(SecretKinds.Key, new SecretScan([]).Find(Text(hash)));
        Assert.Empty(new SecretScan([hash]).Find(Text($"\"face-feature\": \"{hash}\"")));
    }

    [Fact]
    public void What_is_no_text_or_too_long_to_be_anything_harmless_is_found_whatever_it_is()
    {
        var noise = new byte[300];
        new Random(7).NextBytes(noise);
        Assert.Contains(SecretKinds.Binary, Found(noise));
        Assert.Contains(SecretKinds.Opaque, Found(Text(Convert.ToBase64String(noise))));
        Assert.Contains(SecretKinds.Binary, Found(Encoding.Unicode.GetBytes("京A12345")));
    }

    /// <summary>512 floats of length one, as the pictures' network makes them.</summary>
    internal static byte[] Template(int seed)
    {
        var random = new Random(seed);
        double[] values = [.. Enumerable.Range(0, 512).Select(_ => random.NextDouble() - 0.5)];
        var norm = Math.Sqrt(values.Sum(v => v * v));
        var bytes = new byte[512 * sizeof(float)];
        for (var i = 0; i < values.Length; i++)
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), (float)(values[i] / norm));
        return bytes;
    }

    private static IReadOnlySet<string> Found(byte[] content) => new SecretScan(["PB-0001"]).Find(content);

    private static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);
}
