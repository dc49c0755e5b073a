using System.Xml;
using System.Xml.Linq;

namespace EdgeAgent.Hw.Onvif;

/// <summary>XML from a camera's network: no DTD, so that it names no file and grows by nothing.</summary>
internal static class CameraXml
{
    /// <exception cref="XmlException">It is none, or has a DTD.</exception>
    public static XElement? Read(byte[] text)
    {
        using var reader = XmlReader.Create(new MemoryStream(text), new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit });
        return XDocument.Load(reader).Root;
    }
}
