using ActionStream.Core.Media;
using ActionStream.Publish.Events;
using ActionStream.Publish.Snapshots;

namespace ActionStream.Unit.Publish.Snapshots;

public sealed class BestClipTrackerTests : IDisposable
{
    private const int Fall = 1;

    private readonly PixelPool _pool = new();
    private readonly BestClipTracker _keeper = new();

    public void Dispose() => _pool.Dispose();

    private void OnFrame(byte shade, params TrackedClass[] tracked)
    {
        var block = _pool.Rent(3);
        block.Span.Fill(shade);
        using var clip = new Clip("front", default, default, new(1, 1), block);
        _keeper.OnFrame(tracked, clip);
    }

    private static TrackedClass Detected(double score) => new(Fall, score, IsDetected: true);

    private int? Take(EventType type)
    {
        using var clip = _keeper.Take(Fall, type);
        return clip?.Frame(0)[0];
    }

    [Fact]
    public void The_clip_with_the_highest_score_is_the_one_that_is_shown()
    {
        OnFrame(10, Detected(0.6));
        OnFrame(20, Detected(0.9));
        OnFrame(30, Detected(0.7));
        Assert.Equal(20, Take(EventType.Start));
        OnFrame(40, Detected(0.8));
        Assert.Null(Take(EventType.Update)); // nothing better came
        OnFrame(50, Detected(0.95));
        OnFrame(60, new TrackedClass(Fall, 0.97, IsDetected: false));
        Assert.Equal(50, Take(EventType.End));
        Assert.Equal((0, 0), (_keeper.Held, _pool.InUse));
    }

    [Fact]
    public void A_detection_that_never_became_an_event_is_let_go_and_an_event_that_fades_is_not()
    {
        OnFrame(10, Detected(0.6));
        OnFrame(20);
        Assert.Equal((0, 0), (_keeper.Held, _pool.InUse));

        OnFrame(30, Detected(0.6));
        Take(EventType.Start);
        OnFrame(40); // between two looks an event may already have ended: its own end says so
        Assert.Equal(1, _keeper.Held);
        Take(EventType.End);
        Assert.Equal(0, _pool.InUse);
    }

    [Fact]
    public void Each_class_has_a_peak_of_its_own_and_all_are_given_back()
    {
        OnFrame(10, Detected(0.6), new TrackedClass(2, 0.4, IsDetected: true));
        OnFrame(20, Detected(0.5), new TrackedClass(2, 0.8, IsDetected: true));
        Assert.Equal(10, Take(EventType.Start));
        using (var other = _keeper.Take(2, EventType.Start))
        {
            Assert.Equal(20, other!.Frame(0)[0]);
        }

        _keeper.Dispose();
        Assert.Equal(0, _pool.InUse);
    }
}
