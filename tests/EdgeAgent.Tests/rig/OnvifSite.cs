using EdgeAgent.Rig.Onvif;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace EdgeAgent.Tests.Rig;

/// <summary>A bench's ONVIF camera that answers on loopback.</summary>
internal sealed class OnvifSite : IAsyncDisposable
{
    public static readonly OfferedStream Stream = new("main", "H264", 1920, 1080, "rtsp://127.0.0.1:1/none");

    private readonly WebApplication web;

    private OnvifSite(WebApplication web) => this.web = web;

    public string DeviceService => web.Urls.Single() + "/onvif/device_service";

    public static async Task<OnvifSite> StartAsync(PtzSimulator camera)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        WebApplication web = builder.Build();
        camera.Map(web);
        await web.StartAsync();
        return new OnvifSite(web);
    }

    public ValueTask DisposeAsync() => web.DisposeAsync();
}
