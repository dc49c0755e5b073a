using System.Buffers.Binary;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Agent.Officers;

namespace EdgeAgent.Agent.Emergencies;

/// <summary>
/// A button in the car: a Linux input device (<c>/dev/input/by-id/…</c>), read here, so that it works whatever the page does. Held for
/// one second it calls for help.
/// </summary>
internal sealed partial class SosKey(SosOptions options, SosBook book, OfficerDesk officers, TimeProvider time, ILogger<SosKey> log)
{
    /// <summary>struct input_event of a 64-bit kernel: two longs of time, then type, code and value.</summary>
    private const int EventBytes = 24, TypeAt = 16, CodeAt = 18, ValueAt = 20;
    private const ushort KeyType = 1;
    private static readonly TimeSpan Held = TimeSpan.FromSeconds(1), Again = TimeSpan.FromSeconds(2), Beat = TimeSpan.FromSeconds(1);

    private long downAt;
    private bool isDown;
    private bool said;

    public async Task RunAsync(StagePulse pulse, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            if (options.KeyDevice.Length == 0)
            {
                pulse.Ok();
            }
            else
            {
                try
                {
                    await ReadAsync(pulse, stop);
                }
                catch (Exception error) when (error is IOException or UnauthorizedAccessException)
                {
                    pulse.Degraded($"The emergency button cannot be read: {error.Message}");
                    if (!said)
                        LogNoKey(log, options.KeyDevice, error.Message);
                    said = true;
                }
            }
            pulse.Beat();
            await Task.Delay(Again, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ReadAsync(StagePulse pulse, CancellationToken stop)
    {
        // Beside, since opening may wait for the other side.
        await using FileStream device = await Task.Run(
            () => new FileStream(options.KeyDevice, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0, useAsync: true), CancellationToken.None).WaitAsync(stop);
        pulse.Ok();
        said = false;
        byte[] happened = new byte[EventBytes];
        Task reading = device.ReadExactlyAsync(happened, stop).AsTask();
        while (!stop.IsCancellationRequested)
        {
            // The key says nothing while it is held (it may repeat, or not), so the time is looked at as well.
            Task first = await Task.WhenAny(reading, Task.Delay(isDown ? Left() : Beat, time, stop));
            pulse.Beat();
            if (isDown && time.GetElapsedTime(downAt) >= Held)
            {
                isDown = false;
                _ = book.Call(officers.OnDuty?.OfficerId ?? "", "key");
            }
            if (first != reading)
                continue;
            try
            {
                await reading;
            }
            catch (EndOfStreamException)
            {
                throw new IOException("it went away");
            }
            Take(happened);
            reading = device.ReadExactlyAsync(happened, stop).AsTask();
        }
    }

    private TimeSpan Left() => Held - time.GetElapsedTime(downAt) is { Ticks: > 0 } left ? left : TimeSpan.Zero;

    private void Take(ReadOnlySpan<byte> happened)
    {
        bool isOurs = BinaryPrimitives.ReadUInt16LittleEndian(happened[TypeAt..]) == KeyType && BinaryPrimitives.ReadUInt16LittleEndian(happened[CodeAt..]) == options.KeyCode;
        if (!isOurs)
            return;
        int value = BinaryPrimitives.ReadInt32LittleEndian(happened[ValueAt..]);
        if (value == 0)
            isDown = false;
        else if (value == 1)
            (isDown, downAt) = (true, time.GetTimestamp());
    }

    [LoggerMessage(4300, LogLevel.Error, "The emergency button {Device} cannot be read: {Why}. Trying again.")]
    private static partial void LogNoKey(ILogger log, string device, string why);
}
