using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using EdgeAgent.CommandCentre.Storage;

namespace EdgeAgent.CommandCentre.Exports;

/// <summary>
/// A lower platform of GB/T 28181-2016 over UDP: registers with digest, keeps alive, and answers what is asked about devices. It gives no
/// video: an INVITE is refused, since a live view of a car needs a named person's reason and shows in the car (403).
/// </summary>
internal sealed partial class Gb28181Export(Gb28181Options options, Gb28181Catalogue catalogue, CommitQueue commits, TimeProvider time, ILogger<Gb28181Export> log) : BackgroundService
{
    private const int ExpiresSeconds = 3600;
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(5), Keepalive = TimeSpan.FromSeconds(60), Pause = TimeSpan.FromSeconds(30);
    private readonly IPEndPoint server = IPEndPoint.Parse(options.Server);
    private readonly string password = File.ReadAllText(options.PasswordFile).Trim();
    private int sequence;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        _ = await commits.CommitAsync(transaction =>
        {
            AuditTable.Add(transaction, new AuditRow("centre", "export_started", "gb28181 catalogue", $"{options.Authority} {options.LegalReference}"), time.GetUtcNow().ToUnixTimeMilliseconds());
            return 0;
        }, stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                using var socket = new UdpClient(server.AddressFamily);
                socket.Connect(server);
                await RegisterAsync(socket, stoppingToken);
                await ServeAsync(socket, stoppingToken);
            }
            catch (Exception e) when (e is SocketException or IOException)
            {
                ExportLog.Unreachable(log, "gb28181", e.Message);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            await Task.Delay(Pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task RegisterAsync(UdpClient socket, CancellationToken stop)
    {
        var call = Guid.NewGuid().ToString("n");
        await SendAsync(socket, Request(socket, "REGISTER", call, [KeyValuePair.Create("Expires", $"{ExpiresSeconds}")], ""), stop);
        var answer = await AnswerAsync(socket, stop);
        if (answer.Status == 401)
        {
            await SendAsync(socket, Request(socket, "REGISTER", call, [KeyValuePair.Create("Expires", $"{ExpiresSeconds}"), KeyValuePair.Create("Authorization", Digest(answer.Header("WWW-Authenticate")))], ""), stop);
            answer = await AnswerAsync(socket, stop);
        }
        if (answer.Status != 200)
            throw new IOException($"it does not let us register: {answer.StartLine}");
    }

    /// <summary>Until it is time to register again, or the platform does not answer any more.</summary>
    private async Task ServeAsync(UdpClient socket, CancellationToken stop)
    {
        var (began, told, heard) = (time.GetTimestamp(), time.GetTimestamp(), time.GetTimestamp());
        while (time.GetElapsedTime(began).TotalSeconds < ExpiresSeconds / 2.0)
        {
            if (time.GetElapsedTime(heard) > 3 * Keepalive)
                throw new IOException("it does not answer any more");
            if (time.GetElapsedTime(told) >= Keepalive)
            {
                await SendAsync(socket, Message(socket, catalogue.Keepalive(++sequence)), stop);
                told = time.GetTimestamp();
            }
            if (await ReceiveAsync(socket, Keepalive - time.GetElapsedTime(told), stop) is not { } message)
                continue;
            heard = time.GetTimestamp();
            if (!message.IsResponse)
                await AnswerAsync(socket, message, stop);
        }
    }

    private async Task AnswerAsync(UdpClient socket, SipMessage request, CancellationToken stop)
    {
        var tag = Guid.NewGuid().ToString("n")[..8];
        if (request.Method is not "MESSAGE")
        {
            // Keeps a platform that wants video from asking on: what it would need is a person's reason, which SIP does not carry.
            if (request.Method is not "ACK")
                await SendAsync(socket, request.Answer(request.Method == "INVITE" ? "403 Forbidden" : "405 Method Not Allowed", tag), stop);
            return;
        }
        await SendAsync(socket, request.Answer("200 OK", tag), stop);
        foreach (var body in catalogue.Answer(request.Body))
            await SendAsync(socket, Message(socket, body), stop);
    }

    private SipMessage Message(UdpClient socket, string body) =>
        Request(socket, "MESSAGE", Guid.NewGuid().ToString("n"), [KeyValuePair.Create("Content-Type", "Application/MANSCDP+xml")], body);

    private SipMessage Request(UdpClient socket, string method, string call, IReadOnlyList<KeyValuePair<string, string>> more, string body)
    {
        var (own, domain) = ((IPEndPoint)socket.Client.LocalEndPoint!, options.ServerId[..10]);
        var to = method == "REGISTER" ? options.OwnId : options.ServerId;
        return new SipMessage(
            $"{method} sip:{options.ServerId}@{domain} SIP/2.0",
            [
                KeyValuePair.Create("Via", $"SIP/2.0/UDP {own};rport;branch=z9hG4bK{Guid.NewGuid():n}"),
                KeyValuePair.Create("From", $"<sip:{options.OwnId}@{domain}>;tag={call[..8]}"),
                KeyValuePair.Create("To", $"<sip:{to}@{domain}>"),
                KeyValuePair.Create("Call-ID", call),
                KeyValuePair.Create("CSeq", $"{Interlocked.Increment(ref sequence)} {method}"),
                KeyValuePair.Create("Contact", $"<sip:{options.OwnId}@{own}>"),
                KeyValuePair.Create("Max-Forwards", "70"),
                .. more,
            ],
            body);
    }

    /// <summary>RFC 2617, as the standard has it.</summary>
    private string Digest(string challenge)
    {
        var asked = Parts().Matches(challenge).ToDictionary(part => part.Groups[1].Value.ToLowerInvariant(), part => part.Groups[2].Value + part.Groups[3].Value);
        var (realm, nonce) = (asked.GetValueOrDefault("realm", ""), asked.GetValueOrDefault("nonce", ""));
        var uri = $"sip:{options.ServerId}@{options.ServerId[..10]}";
        var (first, second) = (Md5($"{options.OwnId}:{realm}:{password}"), Md5($"REGISTER:{uri}"));
        var counted = "";
        var response = Md5($"{first}:{nonce}:{second}");
        if (asked.TryGetValue("qop", out var qop) && qop.Split(',').Select(one => one.Trim()).Contains("auth"))
        {
            var own = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
            response = Md5($"{first}:{nonce}:00000001:{own}:auth:{second}");
            counted = $", qop=auth, nc=00000001, cnonce=\"{own}\"";
        }
        return $"Digest username=\"{options.OwnId}\", realm=\"{realm}\", nonce=\"{nonce}\", uri=\"{uri}\", response=\"{response}\", algorithm=MD5{counted}";
    }

    private async Task<SipMessage> AnswerAsync(UdpClient socket, CancellationToken stop)
    {
        for (var began = time.GetTimestamp(); time.GetElapsedTime(began) < AnswerWithin;)
        {
            if (await ReceiveAsync(socket, AnswerWithin - time.GetElapsedTime(began), stop) is { IsResponse: true, Status: >= 200 } answer)
                return answer;
        }
        throw new IOException("it does not answer");
    }

    private async Task<SipMessage?> ReceiveAsync(UdpClient socket, TimeSpan within, CancellationToken stop)
    {
        using var limit = new CancellationTokenSource(within > TimeSpan.Zero ? within : TimeSpan.FromMilliseconds(1), time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(stop, limit.Token);
        try
        {
            return SipMessage.Parse((await socket.ReceiveAsync(both.Token)).Buffer);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return null;
        }
    }

    private static async Task SendAsync(UdpClient socket, SipMessage message, CancellationToken stop) => _ = await socket.SendAsync(message.ToBytes(), stop);

    private static string Md5(string text)
    {
        // The standard's digest is MD5, and guards nothing here but the register of names.
#pragma warning disable CA5351
        return Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(text)));
#pragma warning restore CA5351
    }

    [GeneratedRegex("""(\w+)=(?:"([^"]*)"|([^\s,]+))""")]
    private static partial Regex Parts();
}
