using System.Security.Cryptography.X509Certificates;
using EdgeAgent.Contract;

namespace EdgeAgent.CommandCentre.Exhibits;

/// <summary>How whoever gets a package verifies it, in Chinese and English.</summary>
internal static class VerifyWords
{
    public static string Of(CustodyRecord record, X509Certificate2 centre)
    {
        var key = Convert.ToHexStringLower(Envelopes.KeyId(centre));
        var files = string.Join('\n', record.Files.Select(file => $"  {file.Sha256}  {file.Name}"));
        return $"""
            证据包 {record.ItemId}
            导出人 {record.ExportedBy}，时间 {At(record.ExportedAtUnixMs)}，用途：{record.Reason}

            1. 核对文件：在本文件夹运行 sha256sum，结果须与下表一致（custody.json 中也有同样的表）。
            {files}
            2. 核对签名：custody.envelope 是指挥中心对 custody.json 原文的签名（DSSE，ES256）。运行
               command-centre evidence verify --file 本包.zip --certificate centre.pem
               centre.pem 须从指挥中心另行取得，不得使用包内的一份；其公钥指纹（SPKI 的 SHA-256）为
               {key}
            3. custody.json 的 origins 是车辆上报的事件：signatureValid 为 true，表示决定由该车密钥签名且未被改动。
               custody 是此后每次查看、保存、复制和导出的记录。
            4. {(record.Redacted ? "本包为遮挡副本：人脸和号牌的像素已被替换，无声音，无元数据，不能还原。sourceSha256 是原件的散列。" : "本包为原件，含个人信息，仅限上述用途。")}

            Evidence package {record.ItemId}
            Exported by {record.ExportedBy} at {At(record.ExportedAtUnixMs)} for: {record.Reason}

            1. The files: run sha256sum in this folder; the results must be the table above, which custody.json holds as well.
            2. The signature: custody.envelope is the centre's signature over custody.json as it stands (DSSE, ES256). Run
               command-centre evidence verify --file PACKAGE.zip --certificate centre.pem
               with a centre.pem that you got from the command centre itself, not the one in this package. The fingerprint of its key
               (SHA-256 of SubjectPublicKeyInfo) is
               {key}
            3. In custody.json, origins are the events that the car told of: signatureValid true means that the decision was signed with that
               car's key and is unchanged. custody lists each look, save, copy and export since.
            4. {(record.Redacted ? "This is a redacted copy: pixels of faces and plates were replaced, there is no sound and no metadata, and nothing brings them back. sourceSha256 is the original's hash." : "This is the original. It shows people: use it for the purpose above only.")}

            """;
    }

    private static string At(long unixMs) => DateTimeOffset.FromUnixTimeMilliseconds(unixMs).ToString("u", System.Globalization.CultureInfo.InvariantCulture);
}
