using ActionStream.Core.Media;
using ActionStream.Core.Modelling;
using ActionStream.Inference.Onnx;

namespace ActionStream.Inference.Attention;

/// <summary>Asks the frame encoder where its tokens look in one tubelet: for people, not for decisions. Belongs to one thread.</summary>
/// <remarks>It fetches an output that the workers leave alone, in a run of its own, so that they are as quick with it as without.</remarks>
public sealed class AttentionReader : IDisposable
{
    private readonly BoundSession _encoder;

    internal AttentionReader(BoundSession encoder, FrameSize frame, StreamingParts parts, AttentionMaps maps)
    {
        _encoder = encoder;
        (FrameSize, Frames, Tokens, Height, Width) = (frame, parts.Tubelet, parts.Tokens, maps.Height, maps.Width);
    }

    /// <summary>Size of the frames it takes.</summary>
    public FrameSize FrameSize { get; }

    /// <summary>τ, frames of a tubelet.</summary>
    public int Frames { get; }

    /// <summary>S, maps.</summary>
    public int Tokens { get; }

    /// <summary>h, rows of a map.</summary>
    public int Height { get; }

    /// <summary>w, columns of a map.</summary>
    public int Width { get; }

    /// <summary>Where frame <paramref name="index"/> of the tubelet goes, oldest first: [H, W, 3].</summary>
    public Span<byte> Frame(int index) => _encoder.Row(0).Slice(index * FrameSize.Bytes, FrameSize.Bytes);

    /// <returns>[S, h, w], each map with the sum 1; valid until the next call.</returns>
    public ReadOnlySpan<float> Read() => _encoder.Run(1);

    public void Dispose() => _encoder.Dispose();
}
