using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace EdgeAgent.Chaos.Pages;

/// <summary>What a page does over HTTP: sign in, keep the cookie, ask, post.</summary>
internal sealed class PageClient : IDisposable
{
    private readonly HttpClient http;

    public PageClient(string url)
    {
        Url = url;
        http = new HttpClient(new HttpClientHandler { CookieContainer = Cookies }) { BaseAddress = new Uri(url), Timeout = TimeSpan.FromSeconds(10) };
        http.DefaultRequestHeaders.Add("Origin", url);
    }

    public string Url { get; }

    public CookieContainer Cookies { get; } = new();

    public async Task<JsonNode> PostAsync(string path, object body, CancellationToken stop)
    {
        using HttpResponseMessage answer = await http.PostAsJsonAsync(path, body, stop);
        string text = await answer.Content.ReadAsStringAsync(stop);
        if (!answer.IsSuccessStatusCode)
            throw new HttpRequestException($"POST {path}: {(int)answer.StatusCode} {text}", null, answer.StatusCode);
        return text.Length == 0 ? new JsonObject() : JsonNode.Parse(text)!;
    }

    public async Task<HttpStatusCode> DeleteAsync(string path, CancellationToken stop)
    {
        using HttpResponseMessage answer = await http.DeleteAsync(path, stop);
        return answer.StatusCode;
    }

    public Task<byte[]> BytesAsync(string path, CancellationToken stop) => http.GetByteArrayAsync(path, stop);

    public Task<JsonSocket> SocketAsync(string path, CancellationToken stop) => JsonSocket.OpenAsync(Url + path, Cookies, stop);

    public void Dispose() => http.Dispose();
}
