using ActionStream.Core.Media;
using ActionStream.Inference.Attention;
using ActionStream.Inference.Onnx;
using ActionStream.Inference.Scheduling;
using Microsoft.ML.OnnxRuntime;

namespace ActionStream.Inference.Scoring;

/// <summary>The plain path: every clip goes whole through the whole model.</summary>
/// <param name="costs">Told how long each run lasted; null where nobody plans with it.</param>
/// <param name="attention">Looks where the model looks, once somebody wants it; null where nobody can.</param>
internal sealed class WindowScorer(BoundSession session, TimeProvider time, ModelCosts? costs = null, LazyAttention? attention = null)
    : IClipScorer
{
    public ReadOnlySpan<float> Score(ReadOnlySpan<Clip> clips)
    {
        for (var i = 0; i < clips.Length; i++)
        {
            var row = session.Row(i);
            var clip = clips[i];
            if (clip.Length * clip.Size.Bytes != row.Length)
            {
                throw ScoringException.Misfit(clip, session.Input.Row[0], session.Input.Row.Skip(1));
            }

            clip.CopyTo(row, 0, clip.Length);
        }

        try
        {
            var startedAt = time.GetTimestamp();
            var logits = session.Run(clips.Length);
            costs?.PerClip.Observe(clips.Length, time.GetElapsedTime(startedAt));
            attention?.Look(clips);
            return logits;
        }
        catch (OnnxRuntimeException failed)
        {
            throw ScoringException.Of(failed);
        }
    }

    public ReadOnlySpan<float> AttentionOf(int clip) => attention is null ? default : attention.Of(clip);

    public void Terminate() => session.Terminate();

    public void Dispose()
    {
        session.Dispose();
        attention?.Dispose();
    }
}
