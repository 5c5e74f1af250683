using ActionStream.Core.Media;
using ActionStream.Evaluation.Replaying;
using ActionStream.Publish.Events;

namespace ActionStream.Unit.Evaluation.Replaying;

public sealed class RecordingClockTests : IDisposable
{
    private static readonly FrameSize Size = new(2, 1);

    private readonly PixelPool _pool = new();

    public void Dispose()
    {
        Assert.Equal(0, _pool.InUse);
        _pool.Dispose();
    }

    [Fact]
    public void A_picture_arrives_when_it_was_seen_and_nothing_else_moves_time()
    {
        var clock = new RecordingClock(4);
        var timeline = new Timeline(clock);
        using var frame = clock.Date(Frame(12.5));

        Assert.Equal((4, TimeSpan.FromSeconds(12.5)), (frame.Time.Epoch, frame.Time.Presentation));
        Assert.Equal(TimeSpan.FromSeconds(12.5), timeline.At(frame.Time.ArrivedAt));
        Assert.Equal(DateTimeOffset.UnixEpoch.AddSeconds(12.5), timeline.Wall(timeline.At(frame.Time.ArrivedAt)));
        Assert.Equal(DateTimeOffset.UnixEpoch.AddSeconds(12.5), clock.GetUtcNow());
    }

    [Fact]
    public void Where_a_recording_jumps_back_time_goes_on_as_another_connection()
    {
        var clock = new RecordingClock(0);
        var dated = new double[] { 1, 2, 0.5, 1.5 }.Select(time => clock.Date(Frame(time))).ToArray();

        Assert.Equal([0, 0, 1, 1], dated.Select(frame => frame.Time.Epoch));
        Assert.Equal([1, 2, 2, 3], dated.Select(frame => TimeSpan.FromTicks(frame.Time.ArrivedAt).TotalSeconds));
        Assert.Equal(TimeSpan.FromSeconds(2), clock.Length);
        Assert.Equal(2, clock.NextEpoch);
        Array.ForEach(dated, frame => frame.Dispose());
    }

    [Fact]
    public void What_the_decoder_said_of_a_picture_stays_with_it()
    {
        using var frame = clock().Date(new Frame(new(0, default, 99), Size, _pool.Rent(Size.Bytes)) { IsDamaged = true });
        Assert.True(frame.IsDamaged);

        static RecordingClock clock() => new(0);
    }

    private Frame Frame(double presentation) => new(new(0, TimeSpan.FromSeconds(presentation), 99), Size, _pool.Rent(Size.Bytes));
}
