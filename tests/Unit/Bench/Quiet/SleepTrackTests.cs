using ActionStream.Bench.Quiet;
using ActionStream.Ingest.Packets.Gating;

namespace ActionStream.Unit.Bench.Quiet;

/// <summary>Times asleep and awake follow from what a gate says packet by packet.</summary>
public sealed class SleepTrackTests
{
    [Fact]
    public void Every_time_awake_has_its_first_packet_its_last_and_all_its_reasons()
    {
        var track = Track("LLM---h-MC--");

        Assert.Equal(
            [
                new(TimeSpan.Zero, At(3), WakeReasons.Learning | WakeReasons.Motion),
                new(At(8), At(10), WakeReasons.Motion | WakeReasons.Change),
            ],
            track.Awake);
        Assert.Equal((12, 1), (track.Packets, track.Heartbeats));
    }

    [Fact]
    public void The_time_asleep_is_what_lies_between()
    {
        var track = Track("LLM---h-MC--");

        Assert.Equal(TimeSpan.FromSeconds(5), track.Asleep(At(0), At(9)));
        Assert.Equal(TimeSpan.FromSeconds(2), track.Asleep(At(4), At(6)));
        Assert.Equal(TimeSpan.Zero, track.Asleep(At(8), At(10)));
        Assert.Equal(TimeSpan.FromSeconds(3), track.Asleep(At(9), At(13)));
        Assert.Equal(TimeSpan.Zero, Track("LLLL").Asleep(At(0), At(3)));
    }

    private static TimeSpan At(int packet) => TimeSpan.FromSeconds(packet);

    // A letter a packet: the reason for being awake, or asleep (-), or a heartbeat (h).
    private static SleepTrack Track(string steps)
    {
        var track = new SleepTrack();
        for (var i = 0; i < steps.Length; i++)
        {
            var reason = steps[i] switch
            {
                'L' => WakeReasons.Learning,
                'M' => WakeReasons.Motion,
                'C' => WakeReasons.Change,
                _ => WakeReasons.None,
            };
            track.Note(new(reason, steps[i] == 'h', null), At(i));
        }

        return track;
    }
}
