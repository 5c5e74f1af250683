using ActionStream.Core.Media;
using ActionStream.Core.Modelling;
using ActionStream.Inference.Attention;
using ActionStream.Inference.Batching;
using ActionStream.Inference.Scheduling;
using ActionStream.Inference.Scoring;

namespace ActionStream.Unit.Inference;

/// <summary>A model whose logits are the clip's first index and zero, and whose mood the test decides.</summary>
internal sealed class FakeModel : IClipModel
{
    public ModelCard Card { get; init; } = new() { Labels = ["walk", "fall"], Output = new() { Activation = Activation.Softmax } };

    public string Requested => "auto";

    public string Device { get; init; } = "cpu";

    public bool IsGpu { get; init; }

    public BatchPolicy Policy { get; init; } = new() { MaxSize = 1 };

    public bool IsDisposed { get; private set; }

    public ModelCosts Costs { get; init; } = new(new CostCurve([1], [TimeSpan.FromMilliseconds(10)]));

    public SelfCheck? SelfCheck => null;

    public ClipWork WorkOf(Clip clip) => new(1, 0);

    /// <summary>Throws, waits, or nothing: called with each batch before it is scored.</summary>
    public Action<Clip[]> OnScore { get; init; } = _ => { };

    /// <summary>Numbers it gives for each clip; its card has two labels.</summary>
    public int Outputs { get; init; } = 2;

    public Func<Clip, float> Logit { get; init; } = clip => clip.Time.FirstIndex;

    public List<int> Batches { get; } = [];

    public int Open;

    /// <summary>Called when somebody asks a run to end.</summary>
    public Action OnTerminate { get; init; } = () => { };

    public List<string> Attended { get; } = [];

    /// <summary>How often somebody asked to see where it looks.</summary>
    public int Asked { get; private set; }

    public AttentionReader? OpenAttention()
    {
        Asked++;
        return null;
    }

    public void WantAttention(string stream, bool isWanted) => Attended.Add(stream);

    public void Dispose() => IsDisposed = true;

    public IClipScorer OpenScorer(BatchPolicy policy)
    {
        Interlocked.Increment(ref Open);
        return new Scorer(this);
    }

    private sealed class Scorer(FakeModel model) : IClipScorer
    {
        public ReadOnlySpan<float> Score(ReadOnlySpan<Clip> clips)
        {
            Clip[] batch = [.. clips];
            lock (model.Batches)
            {
                model.Batches.Add(batch.Length);
            }

            model.OnScore(batch);
            return batch.SelectMany(clip => Enumerable.Range(0, model.Outputs).Select(i => i == 0 ? model.Logit(clip) : 0f)).ToArray();
        }

        public void Terminate() => model.OnTerminate();

        public void Dispose() => Interlocked.Decrement(ref model.Open);
    }
}

/// <summary>The schedule as tests that never have to wait for room use it.</summary>
internal static class Offering
{
    extension(ClipSchedule schedule)
    {
        public void Offer(Clip clip)
        {
            var written = schedule.WriteAsync(clip, CancellationToken.None).AsTask();
            Assert.True(written.IsCompletedSuccessfully);
        }

        public void Clear()
        {
            var disposed = schedule.DisposeAsync().AsTask();
            Assert.True(disposed.IsCompletedSuccessfully);
        }
    }
}

/// <summary>Clips of a few bytes.</summary>
internal sealed class ClipMaker(TimeProvider time) : IDisposable
{
    public PixelPool Pool { get; } = new();

    /// <param name="slept">How long before it was decoded its last frame came, because its camera slept.</param>
    public Clip Make(string stream = "front", long index = 0, TimeSpan delay = default, TimeSpan slept = default)
    {
        var now = time.GetTimestamp();
        var arrived = now - (long)(slept.TotalSeconds * time.TimestampFrequency);
        return new(
            stream, new ClipTime(0, 0, index, default, default, delay, arrived, now) { IsBeforeWaking = slept > TimeSpan.Zero }, new ClipQuality(1, 0, default),
            new FrameSize(2, 2), [Pool.Rent(12)]);
    }

    public void Dispose() => Pool.Dispose();
}
