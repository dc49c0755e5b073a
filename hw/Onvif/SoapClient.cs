using System.Net.Http.Headers;
using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace EdgeAgent.Hw.Onvif;

/// <summary>One SOAP 1.2 exchange with a camera. Answers are bounded and parsed without DTDs: the camera is not trusted.</summary>
internal sealed class SoapClient(OnvifAccess access, TimeProvider time) : IDisposable
{
    private const int MaxAnswerBytes = 256 * 1024;
    private const int Unauthorized = 401;
    private static readonly XNamespace s_envelope = "http://www.w3.org/2003/05/soap-envelope";
    private readonly HttpClient _http = new() { Timeout = access.Timeout, MaxResponseContentBufferSize = MaxAnswerBytes };

    /// <summary>The camera's clock minus ours, once asked.</summary>
    public TimeSpan ClockOffset { get; set; }

    /// <summary>The answer's first element below the body.</summary>
    /// <exception cref="OnvifException">No answer, a fault, or an answer that is no SOAP.</exception>
    public async Task<XElement> CallAsync(Uri service, XElement request, bool signed, CancellationToken stop)
    {
        var envelope = new XElement(
            s_envelope + "Envelope",
            new XAttribute(XNamespace.Xmlns + "s", s_envelope.NamespaceName),
            signed ? new XElement(s_envelope + "Header", Security()) : null,
            new XElement(s_envelope + "Body", request));
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(envelope.ToString(SaveOptions.DisableFormatting)));
        content.Headers.ContentType = MediaTypeHeaderValue.Parse("application/soap+xml; charset=utf-8");
        try
        {
            using var response = await _http.PostAsync(service, content, stop);
            byte[] answer = await response.Content.ReadAsByteArrayAsync(stop);
            return Body(answer, request.Name.LocalName, (int)response.StatusCode);
        }
        catch (HttpRequestException e)
        {
            throw new OnvifException($"{request.Name.LocalName}: the camera does not answer ({e.Message})", e);
        }
        catch (OperationCanceledException e) when (!stop.IsCancellationRequested)
        {
            throw new OnvifException($"{request.Name.LocalName}: no answer within {access.Timeout.TotalSeconds} s", e);
        }
    }

    public void Dispose() => _http.Dispose();

    private XElement Security() => OnvifSecurity.Header(access.User, access.Password, time.GetUtcNow() + ClockOffset);

    internal static XElement Body(byte[] answer, string operation, int status)
    {
        XElement? body;
        try
        {
            body = CameraXml.Read(answer)?.Element(s_envelope + "Body");
        }
        catch (XmlException e)
        {
            throw new OnvifException($"{operation}: HTTP {status} without a SOAP answer", e) { IsLoginRefused = status == Unauthorized };
        }
        var first = body?.Elements().FirstOrDefault() ?? throw new OnvifException($"{operation}: HTTP {status} with an empty answer") { IsLoginRefused = status == Unauthorized };
        if (first.Name != s_envelope + "Fault")
            return first;
        string reason = first.Descendants(s_envelope + "Text").FirstOrDefault()?.Value ?? "no reason given";
        string subcode = first.Descendants(s_envelope + "Value").LastOrDefault()?.Value ?? "";
        throw new OnvifException($"{operation}: the camera refused: {reason} ({subcode})")
        {
            IsLoginRefused = status == Unauthorized || subcode.EndsWith("NotAuthorized", StringComparison.Ordinal),
        };
    }
}
