using ActionStream.Host.Cameras;
using ActionStream.Ingest.Packets.Gating;
using ActionStream.Unit.Support;

namespace ActionStream.Unit.Host.Cameras;

public sealed class WakeCommandsTests : IDisposable
{
    private readonly FakeClock _clock = new();
    private readonly WakeVotes _votes = new();
    private readonly WakeCommands _commands;

    public WakeCommandsTests() => _commands = new(_votes, _clock);

    public void Dispose() => _commands.Dispose();

    [Fact]
    public void A_camera_is_awake_for_as_long_as_was_asked_for_and_the_last_word_counts()
    {
        _commands.Wake("front", TimeSpan.FromSeconds(30));
        _clock.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal(WakeReasons.Command, _votes.Of("front"));
        _commands.Wake("front", TimeSpan.FromSeconds(30));
        _clock.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal(WakeReasons.Command, _votes.Of("front"));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((WakeReasons.None, 0), (_votes.Of("front"), _clock.Timers));

        _commands.Wake("front", TimeSpan.FromSeconds(30));
        _commands.Wake("yard", TimeSpan.FromHours(1));
        _commands.Wake("front", TimeSpan.FromSeconds(1));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((WakeReasons.None, WakeReasons.Command), (_votes.Of("front"), _votes.Of("yard")));
    }

    [Fact]
    public void None_of_its_timers_outlives_it()
    {
        _commands.Wake("front", TimeSpan.FromSeconds(30));
        _commands.Dispose();
        Assert.Equal(0, _clock.Timers);
    }
}
