using System.Net;

namespace EdgeAgent.Rig.Onvif;

/// <summary>What goes back: the body of a SOAP 1.2 envelope, and the HTTP status beside it.</summary>
internal sealed record SoapAnswer(string Body, HttpStatusCode Status = HttpStatusCode.OK)
{
    private const string Head = """
        <?xml version="1.0" encoding="UTF-8"?>
        <s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:tds="http://www.onvif.org/ver10/device/wsdl"
         xmlns:trt="http://www.onvif.org/ver10/media/wsdl" xmlns:tptz="http://www.onvif.org/ver20/ptz/wsdl"
         xmlns:tt="http://www.onvif.org/ver10/schema" xmlns:ter="http://www.onvif.org/ver10/error"><s:Body>
        """;

    public string Envelope => $"{Head}{Body}</s:Body></s:Envelope>";

    /// <summary>The empty answer of a PTZ operation.</summary>
    public static SoapAnswer Done(string operation) => new($"<tptz:{operation}Response/>");

    public static SoapAnswer Fault(string subcode, string reason, HttpStatusCode status) => new(
        $"<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>ter:{subcode}</s:Value></s:Subcode></s:Code><s:Reason><s:Text xml:lang=\"en\">{WebUtility.HtmlEncode(reason)}</s:Text></s:Reason></s:Fault>", status);
}
