using ActionStream.Bench.Quiet;
using ActionStream.Core.Media;
using ActionStream.Ingest.Packets.Gating;
using ActionStream.Ingest.Windowing;

namespace ActionStream.Unit.Bench.Quiet;

/// <summary>A gate before a recording sees what it would before a camera, however fast frames are decoded.</summary>
public sealed class LockStepTests
{
    private static readonly TimeSpan Distance = TimeSpan.FromMilliseconds(100);
    private static readonly WindowSpec EveryOther = new(4, 2 * Distance, 1);
    private static readonly FrameSize Size = new(2, 1);
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    private readonly ScriptedGate _gate = new();

    [Fact]
    public void A_frame_is_due_with_the_packet_that_a_decoder_needs_to_give_it_and_only_if_it_is_sampled()
    {
        var order = new FrameOrder([.. Enumerable.Range(0, 6).Select(At)], EveryOther);

        Assert.Null(order.LatestDue(0, delay: 0));
        Assert.Equal(
            [At(0), At(0), At(2), At(2), At(4), At(4)], Enumerable.Range(1, 6).Select(packets => order.LatestDue(packets, 0)!.Value));
        Assert.Equal([null, null, At(0), At(0)], Enumerable.Range(1, 4).Select(packets => order.LatestDue(packets, 2)));
        Assert.Equal(At(4), order.LatestDue(100, 0));
    }

    [Fact]
    public async Task A_packet_waits_until_the_frame_of_the_one_before_was_decided_on()
    {
        var step = Begin();
        Take(step, 0);
        var next = Task.Run(() => Take(step, 1));
        step.Look(new byte[Size.Bytes], Size, At(0), isHeartbeat: false);
        Assert.NotSame(next, await Task.WhenAny(next, Task.Delay(50)));

        step.Decided(hasOpenEvent: false);
        await next.WaitAsync(Long);
        Assert.Equal(["take 0", "look 0", "take 1"], _gate.Calls);
    }

    [Fact]
    public void A_frame_that_came_sooner_than_from_a_camera_is_shown_no_sooner()
    {
        var step = Begin(delay: 2);
        Take(step, 0);
        Show(step, 0);
        Take(step, 1);
        Take(step, 2);
        Take(step, 3);
        Assert.Equal(["take 0", "take 1", "take 2", "look 0", "take 3"], _gate.Calls);
    }

    [Fact]
    public void An_open_event_keeps_it_awake_from_the_packet_after_its_frame_until_a_frame_without()
    {
        var step = Begin();
        Take(step, 0);
        Show(step, 0, hasOpenEvent: true);
        Take(step, 1);
        Take(step, 2);
        Show(step, 2);
        Take(step, 3);
        Assert.Equal([WakeReasons.None, WakeReasons.Event, WakeReasons.Event, WakeReasons.None], _gate.Votes);
    }

    [Fact]
    public async Task Asleep_only_a_heartbeat_is_waited_for()
    {
        var step = Begin();
        (_gate.IsAwake, _gate.Heartbeats) = (false, [3]);
        for (var packet = 0; packet < 4; packet++)
        {
            Take(step, packet);
        }

        var next = Task.Run(() => Take(step, 4));
        Assert.NotSame(next, await Task.WhenAny(next, Task.Delay(50)));
        step.Look(new byte[Size.Bytes], Size, At(3), isHeartbeat: true);
        step.Decided(hasOpenEvent: false);
        await next.WaitAsync(Long);
        Assert.Equal(["take 0", "take 1", "take 2", "take 3", "heartbeat 3", "take 4"], _gate.Calls);
    }

    [Fact]
    public async Task Woken_it_waits_until_what_was_gone_back_to_has_caught_up()
    {
        var step = Begin();
        Take(step, 0);
        Show(step, 0);
        (_gate.IsAwake, _gate.Heartbeats) = (false, [2]);
        Take(step, 1);
        Take(step, 2);
        step.Look(new byte[Size.Bytes], Size, At(2), isHeartbeat: true);
        step.Decided(hasOpenEvent: false);
        _gate.IsAwake = true;
        Take(step, 3);
        var next = Task.Run(() => Take(step, 4));
        Show(step, 0);
        Assert.NotSame(next, await Task.WhenAny(next, Task.Delay(50)));
        Show(step, 2);
        await next.WaitAsync(Long);
    }

    [Fact]
    public async Task When_no_frame_will_come_any_more_nothing_is_waited_for()
    {
        var step = Begin();
        Take(step, 0);
        var next = Task.Run(() => Take(step, 1));
        step.Stop();
        await next.WaitAsync(Long);
    }

    private static TimeSpan At(int frame) => frame * Distance;

    private LockStep Begin(int delay = 0) =>
        new(_gate, new([.. Enumerable.Range(0, 20).Select(At)], EveryOther), delay, new());

    private static void Take(LockStep step, int packet) => step.Take(new(At(packet), 100, packet == 0, null), WakeReasons.None);

    private static void Show(LockStep step, int frame, bool hasOpenEvent = false)
    {
        step.Look(new byte[Size.Bytes], Size, At(frame), isHeartbeat: false);
        step.Decided(hasOpenEvent);
    }

    private sealed class ScriptedGate : IGate
    {
        private int _packets;

        public bool IsAwake { get; set; } = true;

        public int[] Heartbeats { get; set; } = [];

        public List<string> Calls { get; } = [];

        public List<WakeReasons> Votes { get; } = [];

        public GateStep Take(in CodedPicture picture, WakeReasons votes)
        {
            Calls.Add($"take {_packets}");
            Votes.Add(votes);
            return new(IsAwake ? WakeReasons.Motion : WakeReasons.None, Heartbeats.Contains(_packets++), null);
        }

        public void Look(ReadOnlySpan<byte> pixels, FrameSize size, TimeSpan presentation, bool isHeartbeat) =>
            Calls.Add($"{(isHeartbeat ? "heartbeat" : "look")} {presentation / Distance}");
    }
}
