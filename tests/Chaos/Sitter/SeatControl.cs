using EdgeAgent.Agent.Officers.Face;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace EdgeAgent.Chaos.Sitter;

/// <summary>What a test tells whoever sits there: what the screen asks for, to leave, to sit down again. On loopback.</summary>
internal static class SeatControl
{
    private static readonly Dictionary<string, LoginAct?> Words = new()
    {
        ["turn_left"] = LoginAct.TurnLeft,
        ["turn_right"] = LoginAct.TurnRight,
        ["close_eyes"] = LoginAct.CloseEyes,
        ["none"] = null,
    };

    /// <param name="port">0: any free one.</param>
    public static async Task<WebApplication> StartAsync(Seat seat, int port, CancellationToken stop)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        _ = builder.Logging.ClearProviders();
        _ = builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        WebApplication web = builder.Build();
        _ = web.MapPost("/asked/{act}", (string act) =>
        {
            if (!Words.TryGetValue(act, out LoginAct? read))
                return Results.BadRequest($"{act}: one of {string.Join(", ", Words.Keys)}.");
            seat.Read(read);
            return Results.NoContent();
        });
        _ = web.MapPost("/leave", () => Sit(false));
        _ = web.MapPost("/sit", () => Sit(true));
        await web.StartAsync(stop);
        return web;

        IResult Sit(bool isThere)
        {
            seat.Sit(isThere);
            return Results.NoContent();
        }
    }
}
