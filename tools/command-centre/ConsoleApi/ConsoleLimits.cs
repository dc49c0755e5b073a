using System.Threading.RateLimiting;
using EdgeAgent.CommandCentre.Hosting;
using Microsoft.AspNetCore.RateLimiting;

namespace EdgeAgent.CommandCentre.ConsoleApi;

/// <summary>
/// How much one account, one address and all consoles together may ask of the centre. What is too much is told at once, with the time to
/// wait; nothing is queued.
/// </summary>
internal static class ConsoleLimits
{
    public const int PerAccountAMinute = 1200, SignInsPerAddressAMinute = 60, CostlyPerAccountAMinute = 30, CostlyAtOnce = 8;
    private const string CostlyPolicy = "costly";
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    /// <summary>On an endpoint that takes seconds of a processor: keys, pictures, reports.</summary>
    public static TBuilder Costly<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.RequireRateLimiting(CostlyPolicy);

    public static void AddConsoleLimits(this IServiceCollection services) => services.AddRateLimiter(limiter =>
    {
        limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(PartitionOf);
        limiter.AddPolicy(CostlyPolicy, context => Windowed($"costly {context.User.Identity?.Name}", CostlyPerAccountAMinute));
        limiter.OnRejected = (rejected, stop) =>
        {
            var wait = rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? after : Minute;
            var answer = rejected.HttpContext.Response;
            answer.StatusCode = StatusCodes.Status429TooManyRequests;
            answer.Headers.RetryAfter = ((int)Math.Ceiling(wait.TotalSeconds)).ToString(System.Globalization.CultureInfo.InvariantCulture);
            return new ValueTask(answer.WriteAsJsonAsync(new { code = "too_many_requests", retryAfterS = (int)Math.Ceiling(wait.TotalSeconds) }, stop));
        };
    });

    private static RateLimitPartition<string> PartitionOf(HttpContext context)
    {
        if (CarEndpoint.IsOf(context) || !context.Request.Path.StartsWithSegments("/api", StringComparison.Ordinal))
            return RateLimitPartition.GetNoLimiter("");
        // All consoles together: a few at a time of what takes seconds of a processor.
        if (context.GetEndpoint()?.Metadata.GetMetadata<EnableRateLimitingAttribute>() is not null)
        {
            return RateLimitPartition.GetConcurrencyLimiter("costly", _ => new ConcurrencyLimiterOptions { PermitLimit = CostlyAtOnce, QueueLimit = 0 });
        }
        if (context.User.Identity?.Name is { } account)
            return Windowed($"account {account}", PerAccountAMinute);
        return Windowed($"address {context.Connection.RemoteIpAddress}", HttpMethods.IsPost(context.Request.Method) ? SignInsPerAddressAMinute : PerAccountAMinute);
    }

    private static RateLimitPartition<string> Windowed(string key, int aMinute) => RateLimitPartition.GetSlidingWindowLimiter(
        key, _ => new SlidingWindowRateLimiterOptions { PermitLimit = aMinute, Window = Minute, SegmentsPerWindow = 6, QueueLimit = 0 });
}
