using ActionStream.Core.Media;
using ActionStream.Inference.Onnx;

namespace ActionStream.Inference.Attention;

/// <summary>The frame encoder beside a model whose windows go through whole, for those who want to know where it looks. Until then it costs
/// nothing. Belongs to one worker.</summary>
/// <param name="bind">Its own view of the encoder, with the maps.</param>
/// <param name="tubelet">τ.</param>
/// <param name="cells">h·w.</param>
internal sealed class LazyAttention(Func<BoundSession> bind, AttentionStreams streams, int tubelet, int cells) : IDisposable
{
    private BoundSession? _encoder;
    private ClipAttention? _attention;

    public void Look(ReadOnlySpan<Clip> clips)
    {
        if (_attention is null && !IsWanted(clips))
        {
            return;
        }

        _attention ??= new(_encoder = bind(), streams, tubelet, cells);
        _attention.Look(clips);
    }

    public ReadOnlySpan<float> Of(int clip) => _attention is null ? default : _attention.Of(clip);

    public void Dispose() => _encoder?.Dispose();

    private bool IsWanted(ReadOnlySpan<Clip> clips)
    {
        foreach (var clip in clips)
        {
            if (streams.Has(clip.Stream))
            {
                return true;
            }
        }

        return false;
    }
}
