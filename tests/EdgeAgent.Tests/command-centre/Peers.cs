using System.Security.Cryptography;
using System.Text;

namespace EdgeAgent.Tests.CommandCentre;

/// <summary>What the platforms of the export tests share with each other, and with nothing of ours.</summary>
internal static class Peers
{
    public static Encoding Gbk { get; } = CodePagesEncodingProvider.Instance.GetEncoding("GBK")!;

    public static int U16(byte[] body, int at) => (body[at] << 8) | body[at + 1];

    // What both standards ask for.
#pragma warning disable CA5351
    public static string Md5(string text) => Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(text)));
#pragma warning restore CA5351
}
