using Grpc.Core;

namespace EdgeAgent.DispatchClient.Uplink;

/// <summary>
/// Writes that end when the call does. A server may answer without reading on and without a reset (grpc-js does): HTTP/2 flow
/// control then holds the write for ever, and neither the status nor the token given to WriteAsync frees it (seen).
/// </summary>
internal static class StreamWrites
{
    /// <summary>Writes, or throws as soon as the token is cancelled.</summary>
    public static Task WriteUntilAsync<T>(this IClientStreamWriter<T> stream, T message, CancellationToken ended) =>
        stream.WriteAsync(message, ended).WaitAsync(ended);

    /// <summary>Writes, unless the answer comes first.</summary>
    /// <returns>False: there is an answer, or the write broke and the answer will say why.</returns>
    public static async Task<bool> TryWriteAsync<T>(this IClientStreamWriter<T> stream, T message, Task answer, CancellationToken ended)
    {
        Task write;
        try
        {
            write = stream.WriteAsync(message, ended).WaitAsync(ended);
        }
        catch (InvalidOperationException)
        {
            // "The call is complete."
            return false;
        }
        await Task.WhenAny(write, answer).WaitAsync(ended);
        return write.IsCompletedSuccessfully;
    }
}
