using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using EdgeAgent.CommandCentre.Identity;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace EdgeAgent.CommandCentre.Hosting;

/// <summary>Marks connections that came in where cars connect.</summary>
internal sealed class CarEndpoint
{
    public static bool IsOf(HttpContext context) => context.Features.Get<CarEndpoint>() is not null;
}

/// <summary>The two doors: one for cars (gRPC, mutual TLS), one for browsers.</summary>
internal static class Endpoints
{
    private const string GrpcPrefix = "/patrol.dispatch.v1.";

    // Without pings a dead path is noticed only after minutes.
    private static readonly TimeSpan PingAfter = TimeSpan.FromSeconds(5);

    public static void Listen(KestrelServerOptions kestrel, CentreOptions options, ServerCertificate certificate)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.Http2.KeepAlivePingDelay = PingAfter;
        kestrel.Limits.Http2.KeepAlivePingTimeout = PingAfter;
        kestrel.Limits.MaxConcurrentConnections = 20_000;
        kestrel.Listen(options.Grpc, listen =>
        {
            listen.Protocols = HttpProtocols.Http2;
            _ = listen.Use(next => connection =>
            {
                connection.Features.Set(new CarEndpoint());
                return next(connection);
            });
            _ = listen.UseHttps(https => ForCars(https, certificate));
        });
        kestrel.Listen(options.Http, listen =>
        {
            listen.Protocols = HttpProtocols.Http1;
            if (!System.Net.IPAddress.IsLoopback(options.Http.Address))
                _ = listen.UseHttps(https => https.ServerCertificateSelector = (_, _) => certificate.Current);
        });
    }

    /// <summary>Each door answers for its own only.</summary>
    public static Task KeepApart(HttpContext context, RequestDelegate next)
    {
        if (CarEndpoint.IsOf(context) != (context.Request.Path.Value ?? "").StartsWith(GrpcPrefix, StringComparison.Ordinal))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }
        return next(context);
    }

    private static void ForCars(HttpsConnectionAdapterOptions https, ServerCertificate certificate)
    {
        https.ServerCertificateSelector = (_, _) => certificate.Current;
        https.SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13;
        https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
        // Judged by UnitAuthentication, which can say why it refuses.
        https.AllowAnyClientCertificate();
        https.OnAuthenticate = (_, tls) => tls.CertificateChainPolicy = new X509ChainPolicy
        {
            // A stranger's certificate must not make the centre fetch addresses that it names.
            DisableCertificateDownloads = true,
            RevocationMode = X509RevocationMode.NoCheck,
            TrustMode = X509ChainTrustMode.CustomRootTrust,
        };
    }
}
