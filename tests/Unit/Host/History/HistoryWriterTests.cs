using ActionStream.Core.Results;
using ActionStream.Host.History;
using ActionStream.Publish.Events;

namespace ActionStream.Unit.Host.History;

public sealed class HistoryWriterTests : IDisposable
{
    private readonly HistoryRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task What_was_decided_is_there_after_a_stop()
    {
        var from = _rig.Clock.GetUtcNow();
        await using (var writer = _rig.Writer())
        {
            writer.OnThresholds("front", new Dictionary<string, double> { ["fall"] = 0.7 });
            for (var window = 0; window < 10; window++)
            {
                Decide(writer, window, 0.1f, window / 10f);
            }

            var step = _rig.Step("a", EventType.Start);
            writer.OnEvent(step.Step!, step.Media);
            writer.OnNearMiss(_rig.Miss("m").Miss!);
        }

        Assert.Equal(0.7, Assert.Single(_rig.Events()).Threshold);
        Assert.Single(_rig.Events(nearMisses: true));
        using var reader = _rig.Reader();
        var curve = Assert.Single(reader.Scores("front", from, from.AddMinutes(1)));
        Assert.Equal(Enumerable.Range(0, 10).Select(i => i / 10.0), curve.Scores["fall"], (a, b) => Math.Abs(a - b) < 0.003);
        Assert.Equal(10, _rig.Counts["actionstream.history.written kind=scores"]);
    }

    [Fact]
    public async Task A_disk_that_takes_nothing_holds_nobody_up_and_what_is_lost_is_counted()
    {
        // The clock stands still, so nothing is taken out of the queue.
        var writer = _rig.Writer();
        var most = HistoryWriter.MostWaiting + 500;
        for (var window = 0; window < most; window++)
        {
            Decide(writer, window, 0, 0);
        }

        // The first turn, at the start, may have come in between.
        Assert.InRange(_rig.Counts["actionstream.history.dropped reason=queue_full"], 0, 500);
        await writer.DisposeAsync();
        Decide(writer, most, 0, 0);
        Assert.Equal(1, _rig.Counts["actionstream.history.dropped reason=stopped"]);
        Assert.Equal(
            most, _rig.Counts["actionstream.history.written kind=scores"] + _rig.Counts["actionstream.history.dropped reason=queue_full"]);
    }

    private void Decide(HistoryWriter writer, long window, float walk, float fall)
    {
        var (decision, scores) = _rig.Decided(window, walk, fall);
        writer.OnScores(decision, scores, HistoryRig.Card);
    }
}
