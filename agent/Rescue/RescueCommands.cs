using System.Security.Cryptography;
using System.Text.Json;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.DispatchClient.Identity;
using EdgeAgent.DispatchClient.Outbox;

namespace EdgeAgent.Agent.Rescue;

/// <summary>`edge-agent rescue` and `edge-agent wipe`, for edgectl: progress on standard error, one line of JSON on standard output.</summary>
internal static class RescueCommands
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web) { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <returns>0 all delivered, 1 not done, 3 something waits or was refused.</returns>
    public static Task<int> RescueAsync(string config, string from, string patience, CancellationToken stop) => SayAsync(config, async options =>
    {
        RescueReport report = await new Rescue(options, TimeProvider.System, Console.Error.WriteLine).RunAsync(from, TimeSpan.FromSeconds(double.Parse(patience)), stop);
        return (report, report.Waiting + report.Refused == 0);
    });

    /// <returns>0 wiped, 1 not.</returns>
    public static Task<int> WipeAsync(string config, string unit, string loseUnsent) => SayAsync(config, options =>
        Task.FromResult<(object, bool)>((new Wipe(options, Console.Error.WriteLine).Run(unit, bool.Parse(loseUnsent)), true)));

    private static async Task<int> SayAsync(string config, Func<CarOptions, Task<(object Said, bool Complete)>> work)
    {
        try
        {
            (CarOptions? options, IReadOnlyList<string> problems) = CarOptions.Read(config);
            if (options is null)
                throw new RescueException("bad_configuration", string.Join(' ', problems));
            (object said, bool complete) = await work(options);
            Console.WriteLine(JsonSerializer.Serialize(said, said.GetType(), Format));
            return complete ? 0 : 3;
        }
        catch (Exception error) when (error is RescueException or IdentityException or OutboxException or IOException or UnauthorizedAccessException
            or CryptographicException or InvalidOperationException or FormatException or OperationCanceledException)
        {
            string code = (error as RescueException)?.Code ?? (error as IdentityException)?.Code ?? (error as OutboxException)?.Code ?? (error is OperationCanceledException ? "interrupted" : "failed");
            Console.WriteLine(JsonSerializer.Serialize(new { error = code, message = error.Message }, Format));
            return 1;
        }
    }
}
