using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using EdgeAgent.Hw.Cameras;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EdgeAgent.Edgectl.Aim;

/// <summary>
/// The page at which somebody turns a camera: the picture as it comes, guides over it, and how wide plates and faces are in it. Plain
/// HTML and a stream of JPEGs: it runs in whatever browser the technician's telephone has. Its address holds a random word, without
/// which nothing is shown.
/// </summary>
internal sealed class AimPage(string camera, string name, AimBoard board) : IAsyncDisposable
{
    private const string Boundary = "picture";
    private WebApplication? _app;

    /// <summary>Where it is.</summary>
    public Uri Address { get; private set; } = null!;

    public async Task StartAsync(IPEndPoint listen, CancellationToken stop)
    {
        string word = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(listen));
        _app = builder.Build();
        _app.MapGet($"/{word}/", context => SayAsync(context, Frame()));
        _app.MapGet($"/{word}/numbers", context => SayAsync(context, Numbers()));
        _app.MapGet($"/{word}/picture", PicturesAsync);
        await _app.StartAsync(stop);
        string bound = _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        Address = new Uri($"{bound}/{word}/");
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
            await _app.DisposeAsync();
    }

    private static Task SayAsync(HttpContext context, string html)
    {
        context.Response.ContentType = "text/html; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.ContentSecurityPolicy = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; frame-src 'self'";
        return context.Response.WriteAsync(html, context.RequestAborted);
    }

    private async Task PicturesAsync(HttpContext context)
    {
        context.Response.ContentType = $"multipart/x-mixed-replace; boundary={Boundary}";
        context.Response.Headers.CacheControl = "no-store";
        // At once: a browser shows nothing of a page's picture before it has heard of it.
        await context.Response.Body.FlushAsync(context.RequestAborted);
        try
        {
            for (var seen = board.Newest; true; seen = await board.NextAsync(context.RequestAborted))
            {
                if (seen is null)
                    continue;
                byte[] head = Encoding.ASCII.GetBytes($"--{Boundary}\r\nContent-Type: image/jpeg\r\nContent-Length: {seen.Jpeg.Length}\r\n\r\n");
                await context.Response.Body.WriteAsync(head, context.RequestAborted);
                await context.Response.Body.WriteAsync(seen.Jpeg, context.RequestAborted);
                await context.Response.Body.WriteAsync("\r\n"u8.ToArray(), context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
            }
        }
        catch (OperationCanceledException)
        {
            // The browser went, or the command ends.
        }
    }

    private string Frame() => $$"""
        <!doctype html><html lang="zh"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{{Safe(name)}} · edgectl aim</title><style>
        body{margin:0;background:#0c1116;color:#e8edf2;font:16px/1.5 "Noto Sans CJK SC","PingFang SC",sans-serif;display:grid;grid-template-rows:auto 1fr auto;height:100vh}
        header{padding:10px 16px;font-size:20px}header small{color:#9fb0bf;font-size:14px;margin-left:8px}
        .picture{position:relative;min-height:0;display:flex;justify-content:center;background:#000}
        .picture span{position:relative;display:block;height:100%;aspect-ratio:16/9;max-width:100%}
        .picture img{width:100%;height:100%;object-fit:contain;display:block}
        .guide{position:absolute;background:#ffffff66;pointer-events:none}
        .v{top:0;bottom:0;width:1px}.h{left:0;right:0;height:1px}.mid{background:#ffd24acc;width:2px}
        iframe{border:0;width:100%;height:150px;display:block}
        </style></head><body>
        <header>{{Safe(name)}} <small>{{Safe(camera)}} · 对准摄像机：黄线对准车道中间，车牌和人脸在下三分之一以上 Aim: yellow line on the middle of the lane, plates and faces above the lowest third</small></header>
        <div class="picture"><span><img src="picture" alt="{{Safe(camera)}}">
        <i class="guide v" style="left:33.3%"></i><i class="guide v mid" style="left:50%"></i><i class="guide v" style="left:66.6%"></i>
        <i class="guide h" style="top:33.3%"></i><i class="guide h" style="top:66.6%"></i></span></div>
        <iframe src="numbers" title="numbers"></iframe></body></html>
        """;

    private string Numbers()
    {
        var newest = board.Newest;
        string state = board.IsStale ? "没有新画面 No new picture" : StreamProbe.IsBlack(newest!.Brightness) ? "画面全黑 Black picture" : $"{newest.Width}×{newest.Height}";
        return $$"""
            <!doctype html><html lang="zh"><head><meta charset="utf-8"><meta http-equiv="refresh" content="1"><style>
            body{margin:0;background:#0c1116;color:#e8edf2;font:16px/1.4 "Noto Sans CJK SC",sans-serif;display:flex;gap:12px;padding:10px 16px}
            div{flex:1;border-left:8px solid #5d6b78;background:#18212a;padding:8px 14px}b{font-size:34px;display:block}
            .good{border-color:#2e9e4b}.near{border-color:#e0a61a}.small,.bad{border-color:#d02b2b}small{color:#9fb0bf}
            </style></head><body>
            {{Width("车牌宽度 Plate width", board.Plates, AimGoal.Plate)}}
            {{Width("人脸宽度 Face width", board.Faces, AimGoal.Face)}}
            <div class="{{(board.IsStale || StreamProbe.IsBlack(newest!.Brightness) ? "bad" : "good")}}">画面 Picture<b>{{state}}</b><small>人脸已遮挡，不识别、不保存 Faces are covered; nothing is read or kept</small></div>
            </body></html>
            """;
    }

    private static string Width(string title, AimWidths widths, AimGoal goal)
    {
        string now = widths.Now is { } px ? $"{px:0} px" : "—";
        string words = widths.Verdict switch
        {
            "good" => "够宽 Wide enough",
            "near" => "勉强：再拉近 Just enough: zoom in or come nearer",
            "small" => "太小：拉近 Too small: zoom in or come nearer",
            _ => "还没有看到 None seen yet",
        };
        string widest = widths.Widest is { } most ? string.Create(CultureInfo.InvariantCulture, $"10 s: {most:0} px · ") : "";
        return $"""<div class="{widths.Verdict}">{title}<b>{now}</b><small>{widest}{words}（≥ {goal.Good:0} px）</small></div>""";
    }

    private static string Safe(string text) => WebUtility.HtmlEncode(text);
}
