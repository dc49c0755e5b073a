using System.Diagnostics;
using System.Text.Json;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.DispatchClient.Releases;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Releases;

/// <summary>The box's own `edgectl update`, run so that nobody notices it.</summary>
internal sealed partial class ReleaseInstaller(CarOptions options, TimeProvider time, ILogger<ReleaseInstaller> log) : IDisposable
{
    /// <summary>It ended without saying what became of the release.</summary>
    public const string NoAnswer = "no_answer";

    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(30);

    private readonly SemaphoreSlim one = new(1);
    private volatile CancellationTokenSource? begun;

    public bool CanInstall => options.Releases.Place is not null;

    /// <summary>Returns "" when the release is in its slot, else a code of <see cref="ReleaseCodes"/> or <see cref="NoAnswer"/>.</summary>
    public async Task<string> InstallAsync(ReleaseOffer offer, CancellationToken stop)
    {
        await one.WaitAsync(stop);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        begun = limit;
        try
        {
            limit.CancelAfter(Longest);
            return await RunAsync(offer, limit.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return NoAnswer;
        }
        finally
        {
            begun = null;
            _ = one.Release();
        }
    }

    /// <summary>Ends what is being installed and lets nothing begin while the work is done.</summary>
    public async Task<T> InsteadAsync<T>(Func<Task<T>> work, CancellationToken stop)
    {
        while (!await one.WaitAsync(TimeSpan.FromMilliseconds(100), stop))
            End();
        try
        {
            return await work();
        }
        finally
        {
            _ = one.Release();
        }
    }

    public void Dispose() => one.Dispose();

    private void End()
    {
        try
        {
            begun?.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It ended by itself meanwhile.
        }
    }

    private async Task<string> RunAsync(ReleaseOffer offer, CancellationToken stop)
    {
        LaunchPlace place = options.Releases.Place!;
        // The power may have gone between the slot's switch and the note that the offer is done.
        SlotState state = new AppSlots(place.Base, place.Factory, time).Read();
        if (state.Of(state.Current)?.Version == offer.Version)
            return "";
        // Processor and disk: whatever else wants them comes first.
        string[] words =
        [
            "-n", "19", "ionice", "-c", "3", place.Edgectl, "update", "--fetched", options.DataDirectory,
            "--base", place.Base, "--factory", place.Factory, "--roots", options.Releases.RootsFile, "--json",
        ];
        using Process process = Process.Start(new ProcessStartInfo("nice", words) { UseShellExecute = false, RedirectStandardOutput = true })
            ?? throw new InvalidOperationException("The installer could not be started.");
        try
        {
            string said = await process.StandardOutput.ReadToEndAsync(stop);
            await process.WaitForExitAsync(stop);
            string code = process.ExitCode == 0 ? "" : CodeIn(said);
            LogEnded(log, offer.Version, code.Length == 0 ? "installed" : code);
            return code;
        }
        catch (OperationCanceledException)
        {
            // A slot that is half written is no slot: the next try begins anew.
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
            throw;
        }
    }

    private static string CodeIn(string said)
    {
        try
        {
            using JsonDocument answer = JsonDocument.Parse(said);
            return answer.RootElement.GetProperty("error").GetString() is { } code && ReleaseCodes.All.Contains(code) ? code : NoAnswer;
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return NoAnswer;
        }
    }

    [LoggerMessage(4183, LogLevel.Information, "Installing release {Version}: {Outcome}.")]
    private static partial void LogEnded(ILogger log, string version, string outcome);
}
