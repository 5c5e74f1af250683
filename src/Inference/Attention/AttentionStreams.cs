using System.Collections.Concurrent;

namespace ActionStream.Inference.Attention;

/// <summary>The streams whose answers say where the model looked. Asked by every worker for every clip, changed when settings do.</summary>
internal sealed class AttentionStreams
{
    private readonly ConcurrentDictionary<string, bool> _streams = new(StringComparer.Ordinal);

    public bool Has(string stream) => _streams.ContainsKey(stream);

    public void Set(string stream, bool wantsAttention)
    {
        if (wantsAttention)
        {
            _streams[stream] = true;
        }
        else
        {
            _streams.TryRemove(stream, out _);
        }
    }
}
