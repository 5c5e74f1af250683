using ActionStream.Publish.Media;
using ActionStream.Unit.Support;

namespace ActionStream.Unit.Publish.Media;

public sealed class MediaLogTests
{
    private readonly FakeClock _clock = new();
    private readonly LogLines<MediaLog> _lines = new();
    private readonly MediaLog _log;

    public MediaLogTests() => _log = new("Snapshots", _clock, _lines);

    private int Lines(string text) => _lines.Lines.Count(line => line.Text.Contains(text, StringComparison.Ordinal));

    private void Fails(string camera, string why) => _log.Failed(camera, camera, new IOException(why, why.GetHashCode(StringComparison.Ordinal)));

    [Fact]
    public void A_disk_at_its_brink_is_two_lines_a_minute_however_often_it_changes_its_mind()
    {
        for (var i = 0; i < 120; i++)
        {
            Fails("front", "full");
            _log.Worked("front");
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal((2, 2), (Lines("cannot be kept"), Lines("can be kept again")));
    }

    [Fact]
    public void What_is_news_while_no_line_is_due_is_said_when_one_is()
    {
        Fails("front", "full");
        Fails("front", "broken");
        Assert.Equal(0, Lines("broken"));
        _clock.Advance(TimeSpan.FromMinutes(1));
        Fails("front", "broken");
        Assert.Equal((1, 1), (Lines("full"), Lines("broken")));
        _clock.Advance(TimeSpan.FromMinutes(1));
        Fails("front", "broken");
        Assert.Equal(1, Lines("broken"));
    }

    [Fact]
    public void One_camera_s_failure_is_not_over_because_another_camera_s_files_are_kept()
    {
        Fails("front", "forbidden");
        _log.Worked("back");
        Assert.Equal(0, Lines("again"));
        _log.Worked("front");
        Assert.Equal(1, Lines("again"));
    }

    [Fact]
    public void Old_ones_that_cannot_be_removed_are_said_once()
    {
        for (var i = 0; i < 5; i++)
        {
            _log.OldOnesLeft("denied");
            _clock.Advance(TimeSpan.FromMinutes(1));
        }

        _log.OldOnesLeft(null);
        Assert.Equal(1, Lines("cannot be removed"));
        _log.OldOnesLeft("denied");
        Assert.Equal(2, Lines("cannot be removed"));
    }
}
