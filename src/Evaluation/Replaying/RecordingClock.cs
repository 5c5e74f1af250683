using ActionStream.Core.Media;

namespace ActionStream.Evaluation.Replaying;

/// <summary>A recording's own time as the pipeline's clock, so that what is said about it depends on nothing else: now is when the frame at
/// hand was seen, counted from 1970.</summary>
/// <param name="epoch">The first connection's number; one that no other recording of the same model has used.</param>
internal sealed class RecordingClock(int epoch) : TimeProvider
{
    private TimeSpan? _first;
    private TimeSpan _presentation;
    private TimeSpan _shift;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>The number after the last one used.</summary>
    public int NextEpoch => epoch + 1;

    /// <summary>From the first frame to the last.</summary>
    public TimeSpan Length => Now - (_first ?? Now);

    public override long GetTimestamp() => Now.Ticks;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch + Now;

    /// <summary>Sets the clock to a frame and gives the frame this time of arrival. Where a recording jumps back, time
    /// goes on: it is another connection.</summary>
    public Frame Date(Frame frame)
    {
        using (frame)
        {
            var presentation = frame.Time.Presentation;
            if (_first is not null && presentation < _presentation)
            {
                epoch++;
                _shift += _presentation - presentation;
            }

            _presentation = presentation;
            _first ??= Now;
            return new(new(epoch, presentation, GetTimestamp()), frame.Size, frame.Share()) { IsDamaged = frame.IsDamaged };
        }
    }

    private TimeSpan Now => _presentation + _shift;
}
