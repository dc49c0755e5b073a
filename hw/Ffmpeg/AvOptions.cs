using FFmpeg.AutoGen;

namespace EdgeAgent.Hw.Ffmpeg;

/// <summary>
/// Options for one libav call. What libav did not take stays in the dictionary, and that is how a misspelt or renamed option
/// (5.1 silently ignores <c>stimeout</c>) is found: <see cref="ThrowIfUnused"/>.
/// </summary>
internal sealed unsafe class AvOptions : IDisposable
{
    private AVDictionary* _dictionary;

    public AvOptions(params ReadOnlySpan<(string Key, string Value)> options)
    {
        foreach (var (key, value) in options)
            Set(key, value);
    }

    public AVDictionary* Dictionary => _dictionary;

    public void Set(string key, string value)
    {
        AVDictionary* dictionary = _dictionary;
        int result = ffmpeg.av_dict_set(&dictionary, key, value, 0);
        _dictionary = dictionary;
        FfmpegException.Check(result, $"option {key}");
    }

    /// <summary>Takes the dictionary back from a call that consumed some of it.</summary>
    public void Replace(AVDictionary* remaining) => _dictionary = remaining;

    public void ThrowIfUnused(string user)
    {
        AVDictionaryEntry* left = ffmpeg.av_dict_get(_dictionary, "", null, ffmpeg.AV_DICT_IGNORE_SUFFIX);
        if (left != null)
            throw new FfmpegException($"{user} does not know the option {new string((sbyte*)left->key)}");
    }

    public void Dispose()
    {
        AVDictionary* dictionary = _dictionary;
        ffmpeg.av_dict_free(&dictionary);
        _dictionary = null;
    }
}
