using System.Globalization;
using System.Xml;
using System.Xml.Linq;

namespace EdgeAgent.Rig.Onvif;

/// <summary>A SOAP 1.2 request: its operation, and who says to send it. Elements are found by local name, whatever the prefix.</summary>
internal sealed class SoapRequest
{
    private readonly XElement operation;

    private SoapRequest(XElement operation, XElement? token)
    {
        this.operation = operation;
        Token = token is null ? null : new UsernameToken(Text(token, "Username"), Text(token, "Password"), Text(token, "Nonce"), Text(token, "Created"));
    }

    public string Operation => operation.Name.LocalName;

    public UsernameToken? Token { get; }

    /// <returns>Null when it is not a SOAP envelope with an operation.</returns>
    public static async Task<SoapRequest?> ReadAsync(Stream body, CancellationToken stop)
    {
        try
        {
            var settings = new XmlReaderSettings { Async = true, DtdProcessing = DtdProcessing.Prohibit, MaxCharactersInDocument = 100_000 };
            using var reader = XmlReader.Create(body, settings);
            XDocument document = await XDocument.LoadAsync(reader, LoadOptions.None, stop);
            XElement? operation = Find(document, "Body")?.Elements().FirstOrDefault();
            return operation is null ? null : new SoapRequest(operation, Find(document, "UsernameToken"));
        }
        catch (XmlException)
        {
            return null;
        }
    }

    public string this[string element] => Text(operation, element);

    public bool Has(string element) => Find(operation, element) is not null;

    public bool IsTrueUnlessSaid(string element) => this[element] is not ("false" or "0");

    /// <summary>An ISO 8601 duration such as PT5S; null when absent or not one.</summary>
    public TimeSpan? Duration(string element)
    {
        try
        {
            return this[element] is { Length: > 0 } text ? XmlConvert.ToTimeSpan(text) : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    /// <summary>Attributes x and y of the PanTilt below an element.</summary>
    public (double Pan, double Tilt)? PanTilt(string element) =>
        Find(Find(operation, element), "PanTilt") is { } vector ? (Number(vector, "x"), Number(vector, "y")) : null;

    public double? Zoom(string element) => Find(Find(operation, element), "Zoom") is { } vector ? Number(vector, "x") : null;

    private static double Number(XElement element, string attribute) =>
        double.TryParse((string?)element.Attribute(attribute), CultureInfo.InvariantCulture, out double number) && double.IsFinite(number) ? number : 0;

    private static string Text(XElement element, string name) => Find(element, name)?.Value ?? "";

    private static XElement? Find(XContainer? container, string name) => container?.Descendants().FirstOrDefault(e => e.Name.LocalName == name);
}

/// <summary>WS-Security UsernameToken with a digest: Base64(SHA-1(nonce + created + password)).</summary>
internal sealed record UsernameToken(string User, string Password, string Nonce, string Created);
