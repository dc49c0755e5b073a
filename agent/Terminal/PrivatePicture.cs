using System.Security.Cryptography;

namespace EdgeAgent.Agent.Terminal;

/// <summary>A picture with somebody in it, to the one page that may see it.</summary>
internal static class PrivatePicture
{
    /// <summary>Nothing on the way may store it, and this copy is overwritten as soon as it is sent. Null: 404.</summary>
    public static async Task SendAsync(HttpContext http, byte[]? picture)
    {
        http.Response.Headers.CacheControl = "no-store";
        if (picture is null)
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }
        try
        {
            http.Response.ContentType = picture is [0xFF, ..] ? "image/jpeg" : "image/png";
            await http.Response.Body.WriteAsync(picture, http.RequestAborted);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(picture);
        }
    }
}
