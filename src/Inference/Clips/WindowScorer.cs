using ActionStream.Core.Media;
using ActionStream.Inference.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace ActionStream.Inference.Clips;

/// <summary>The plain path: every clip goes whole through the whole model.</summary>
internal sealed class WindowScorer(BoundSession session) : IClipScorer
{
    public ReadOnlySpan<float> Score(ReadOnlySpan<Clip> clips)
    {
        for (var i = 0; i < clips.Length; i++)
        {
            var row = session.Row(i);
            var clip = clips[i];
            if (clip.Length * clip.Size.Bytes != row.Length)
            {
                throw new ScoringException(
                    "wrong_clip", $"a clip of {clip.Stream} is {clip.Length} frames of {clip.Size}; the model takes {string.Join("x", session.Input.Row)}");
            }

            clip.CopyTo(row, 0, clip.Length);
        }

        try
        {
            return session.Run(clips.Length);
        }
        catch (OnnxRuntimeException failed)
        {
            throw new ScoringException("run_failed", failed.Message, failed);
        }
    }

    /// <summary>Runs every prepared batch size once, so that no clip pays for kernels, engines and arenas being set up.</summary>
    public void WarmUp(IEnumerable<int> sizes)
    {
        foreach (var size in sizes)
        {
            session.Run(size);
        }
    }

    public void Dispose() => session.Dispose();
}
