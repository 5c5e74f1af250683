using ActionStream.Core.Media;
using ActionStream.Inference.Onnx;

namespace ActionStream.Inference.Attention;

/// <summary>Where the model looked in windows that go through whole: their tubelets once more through the frame encoder, which alone
/// can tell. Belongs to one worker.</summary>
/// <param name="encoder">With the maps as its second output. Stays the caller's.</param>
/// <param name="tubelet">τ.</param>
/// <param name="cells">h·w.</param>
internal sealed class ClipAttention(BoundSession encoder, AttentionStreams streams, int tubelet, int cells)
{
    private readonly List<float[]> _windows = [];
    private float[] _tubelets = [];
    private int _count;

    public void Look(ReadOnlySpan<Clip> clips)
    {
        _count = clips.Length;
        while (_windows.Count < _count)
        {
            _windows.Add([]);
        }

        for (var i = 0; i < _count; i++)
        {
            if (streams.Has(clips[i].Stream))
            {
                _windows[i] = _windows[i].Length > 0 ? _windows[i] : new float[cells];
                Look(clips[i], _windows[i]);
            }
            else
            {
                _windows[i] = [];
            }
        }
    }

    /// <summary>The map of one clip of the last call; empty if nobody asked for its stream.</summary>
    public ReadOnlySpan<float> Of(int clip) => clip < _count ? _windows[clip] : default;

    private void Look(Clip clip, Span<float> window)
    {
        var steps = clip.Length / tubelet;
        Array.Resize(ref _tubelets, steps * cells);
        for (var step = 0; step < steps; step++)
        {
            clip.CopyTo(encoder.Row(0), step * tubelet, tubelet);
            encoder.Run(1, out var maps);
            AttentionMap.Combine(maps, _tubelets.AsSpan(step * cells, cells));
        }

        AttentionMap.Finish(_tubelets, window);
    }
}
