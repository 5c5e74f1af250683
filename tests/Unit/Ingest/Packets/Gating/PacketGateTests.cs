using ActionStream.Ingest.Packets;
using ActionStream.Ingest.Packets.Gating;

namespace ActionStream.Unit.Ingest.Packets.Gating;

/// <summary>When a camera sleeps, and what wakes it.</summary>
public sealed class PacketGateTests
{
    private static readonly (int Bytes, int? Quantiser) Quiet = (120, 28);

    [Fact]
    public void A_camera_sleeps_once_it_has_learned_what_quiet_costs_and_no_sooner()
    {
        var steps = new GateRig().Run(60);
        var first = steps.First(one => !one.Step.IsAwake);
        Assert.InRange(GateRig.At(first.Number), new GateOptions().Learning, TimeSpan.FromSeconds(15));
        Assert.All(steps.Where(one => one.Number < first.Number), one => Assert.True(one.Step.Reasons.HasFlag(WakeReasons.Learning)));
        Assert.All(steps.Where(one => one.Number > first.Number), one => Assert.False(one.Step.IsAwake));
    }

    [Fact]
    public void One_picture_far_beyond_a_quiet_one_wakes_at_once()
    {
        var rig = new GateRig().Asleep();
        rig.Cost = _ => (600, 28);
        var step = rig.Run(0.2).First(one => one.Step.IsAwake);
        Assert.Equal(WakeReasons.Motion, step.Step.Reasons);
        Assert.True(step.Step.Since <= GateRig.At(step.Number));
    }

    [Fact]
    public void A_slow_rise_wakes_before_its_pictures_cost_half_as_much_again_and_tells_an_earlier_beginning()
    {
        var rig = new GateRig().Asleep();
        var start = rig.Steps.Count;
        rig.Cost = number => (120 + (number * 37 % 11) + (number - start), 28);
        var woke = rig.Run(10).First(one => one.Step.IsAwake);
        Assert.True(woke.Number - start < 75, $"woke after {woke.Number - start} pictures");
        Assert.InRange(woke.Step.Since!.Value, GateRig.At(start) - TimeSpan.FromSeconds(2), GateRig.At(woke.Number));
    }

    [Fact]
    public void Noise_of_the_level_that_was_learned_wakes_nobody()
    {
        var random = new Random(1);
        var rig = new GateRig { Cost = _ => (120 + random.Next(40), 28) }.Asleep();
        Assert.DoesNotContain(rig.Run(600), one => one.Step.Reasons.HasFlag(WakeReasons.Change));
        Assert.True(rig.Steps.Count(one => one.Step.Since is not null) <= 3, "it woke more often than once in three minutes");
    }

    [Fact]
    public void At_a_constant_rate_a_coarser_quantiser_is_motion_and_a_finer_one_is_none()
    {
        var rig = new GateRig { Cost = _ => (300, 24) }.Asleep();
        rig.Cost = _ => (300, 30);
        Assert.Contains(rig.Run(1), one => one.Step.Reasons == WakeReasons.Motion);

        var finer = new GateRig { Cost = _ => (300, 24) }.Asleep();
        finer.Cost = _ => (600, 18);
        Assert.DoesNotContain(finer.Run(20), one => one.Step.IsAwake);
    }

    [Fact]
    public void A_constant_rate_that_swings_within_every_group_hides_no_motion()
    {
        // Fine at the end of a group and coarse at its beginning, as a rate control is whose scene is still.
        static int Quantiser(int number) => 28 - (number % 50 / 3);
        static int Bytes(int number) => (int)(40 + (30 * Math.Pow(1.25, number % 50 / 3)));
        var rig = new GateRig { Cost = number => (Bytes(number) + (number * 37 % 9), Quantiser(number)) }.Asleep();
        Assert.DoesNotContain(rig.Run(30), one => one.Step.IsAwake);
        rig.Cost = number => (Bytes(number), Quantiser(number) + 5);
        Assert.Contains(rig.Run(1), one => one.Step.Reasons == WakeReasons.Motion);
    }

    [Fact]
    public void Mpeg4_is_weighed_by_its_quantiser_and_mjpeg_by_size_both_ways()
    {
        var rig = new GateRig(codec: VideoCodec.Mpeg4) { Cost = _ => (200, 4) }.Asleep();
        rig.Cost = _ => (200, 9);
        Assert.Contains(rig.Run(1), one => one.Step.Reasons == WakeReasons.Motion);

        var jpeg = new GateRig(codec: VideoCodec.Mjpeg) { KeyEvery = 1 };
        jpeg.Run(40);
        Assert.False(jpeg.IsAwake);
    }

    [Fact]
    public void What_moves_from_the_start_is_never_learned()
    {
        var rig = new GateRig
        {
            Cost = number => (800 + (number * 37 % 400), 28),
            Scene = (pixels, number) => GateRig.Paint(pixels, 10 + (number * 3 % 80), 40 + (number % 7), 20, 30),
        };
        Assert.All(rig.Run(600), one => Assert.True(one.Step.IsAwake));
        rig.Scene = (_, _) => { };
        rig.Cost = _ => Quiet;
        rig.Asleep();
    }

    [Fact]
    public void Somebody_who_moves_without_a_pause_for_an_hour_is_watched_for_an_hour()
    {
        var rig = new GateRig().Asleep();
        rig.Cost = _ => (600, 28);
        rig.Scene = (pixels, number) => GateRig.Paint(pixels, 50, 50 + (number % 5), 12, 40);
        rig.Run(1);
        Assert.All(rig.Run(3600), one => Assert.True(one.Step.IsAwake));
    }

    [Fact]
    public void Pictures_that_cost_more_though_nothing_moves_are_learned_and_let_it_sleep_again()
    {
        var rig = new GateRig().Asleep();
        rig.Cost = number => (200 + (number * 37 % 11), 28);
        var wakes = rig.Run(120).Count(one => one.Step.Since is not null);
        Assert.InRange(wakes, 1, 2);
        Assert.False(rig.IsAwake);
        Assert.DoesNotContain(rig.Run(120), one => one.Step.IsAwake);
    }

    [Fact]
    public void A_picture_that_cannot_be_read_wakes_at_once_and_until_many_can()
    {
        var rig = new GateRig().Asleep();
        rig.IsReadable = false;
        Assert.Equal(WakeReasons.Unreadable, Assert.Single(rig.Run(0.1)).Step.Reasons & WakeReasons.Unreadable);
        rig.IsReadable = true;
        Assert.All(rig.Run(6), one => Assert.True(one.Step.IsAwake));
        rig.Asleep();
    }

    [Fact]
    public void A_codec_that_is_not_read_is_never_asleep() =>
        Assert.All(new GateRig(codec: VideoCodec.Other).Run(60), one => Assert.True(one.Step.Reasons.HasFlag(WakeReasons.Unreadable)));

    [Fact]
    public void A_vote_wakes_and_the_quiet_time_counts_from_its_end()
    {
        var rig = new GateRig().Asleep();
        rig.Votes = WakeReasons.Event;
        Assert.All(rig.Run(30), one => Assert.True(one.Step.Reasons.HasFlag(WakeReasons.Event)));
        rig.Votes = WakeReasons.None;
        var steps = rig.Run(10);
        var awake = steps.TakeWhile(one => one.Step.IsAwake).Count() / (double)GateRig.PerSecond;
        Assert.InRange(awake, new GateOptions().Quiet.TotalSeconds - 0.2, new GateOptions().Quiet.TotalSeconds + 0.2);
    }

    [Fact]
    public void Heartbeats_are_clean_starts_two_seconds_apart_or_more()
    {
        var rig = new GateRig { KeyEvery = 6 };
        var beats = rig.Run(120).Where(one => one.Step.IsHeartbeat).Select(one => one.Number).ToList();
        Assert.True(beats.Count > 20, $"{beats.Count} heartbeats");
        Assert.All(beats, number => Assert.Equal(0, number % rig.KeyEvery));
        Assert.All(beats.Zip(beats.Skip(1)), pair => Assert.True(GateRig.At(pair.Second - pair.First) >= TimeSpan.FromSeconds(2)));
    }

    [Fact]
    public void Heartbeats_of_a_long_quiet_are_four_seconds_apart_until_one_differs()
    {
        var rig = new GateRig { KeyEvery = 8 }.Asleep();
        rig.Run(120);
        var beats = rig.Steps.Where(one => one.Step.IsHeartbeat).Select(one => one.Number).ToList();
        Assert.All(Spacings(beats[..7]), spacing => Assert.InRange(spacing, 2, 3));
        Assert.All(Spacings(beats[^8..]), spacing => Assert.InRange(spacing, 3.6, 4.4));

        rig.Scene = (pixels, _) => GateRig.Paint(pixels, 60, 60, 8, 60);
        var steps = rig.Run(60);
        Assert.Contains(steps, one => one.Step.Reasons == WakeReasons.Change);
        var again = steps.SkipWhile(one => !one.Step.IsAwake).SkipWhile(one => one.Step.IsAwake)
            .Where(one => one.Step.IsHeartbeat).Select(one => one.Number).Take(6).ToList();
        Assert.Equal(6, again.Count);
        Assert.All(Spacings(again), spacing => Assert.InRange(spacing, 2, 3));

        static IEnumerable<double> Spacings(List<int> numbers) =>
            numbers.Zip(numbers.Skip(1), (one, next) => GateRig.At(next - one).TotalSeconds);
    }

    [Fact]
    public void A_heartbeat_that_differs_wakes_with_the_next_packet_since_the_last_that_did_not()
    {
        var rig = new GateRig().Asleep();
        var last = rig.Steps.Last(one => one.Step.IsHeartbeat).Number;
        rig.Scene = (pixels, _) => GateRig.Paint(pixels, 60, 60, 8, 60);
        var steps = rig.Run(10);
        var beat = steps.First(one => one.Step.IsHeartbeat).Number;
        var (number, step) = steps.First(one => one.Step.IsAwake);
        Assert.Equal((beat + 1, WakeReasons.Change), (number, step.Reasons));
        Assert.Equal(GateRig.At(last), step.Since);
    }

    [Fact]
    public void Light_that_changes_a_little_is_light_and_light_that_changes_much_wakes()
    {
        var rig = new GateRig { Scene = (pixels, _) => Shade(pixels, 1) }.Asleep();
        rig.Scene = (pixels, _) => Shade(pixels, 1.05);
        Assert.DoesNotContain(rig.Run(10), one => one.Step.IsAwake);
        rig.Scene = (pixels, _) => Shade(pixels, 1.4);
        Assert.Contains(rig.Run(5), one => one.Step.Reasons == WakeReasons.Change);

        static void Shade(byte[] pixels, double light)
        {
            for (var i = 0; i < pixels.Length; i++)
            {
                pixels[i] = (byte)(light * (60 + (i / 336 % 100)));
            }
        }
    }

    [Fact]
    public void A_clock_in_the_picture_keeps_nobody_awake()
    {
        var rig = new GateRig
        {
            Cost = number => number % GateRig.PerSecond == 1 ? (180, 28) : (120, 28),
            Scene = (pixels, number) => GateRig.Paint(pixels, 4, 4, 6, (byte)(number / GateRig.PerSecond % 2 == 0 ? 30 : 220)),
        };
        rig.Run(60);
        Assert.True(rig.Run(120).Count(one => one.Step.IsAwake) < 60, "a clock kept it awake");
    }

    [Fact]
    public void A_camera_whose_key_pictures_are_too_far_apart_or_whose_noise_costs_too_much_is_not_trusted()
    {
        Assert.All(new GateRig { KeyEvery = 150 }.Run(300).Skip(110), one =>
            Assert.True(one.Step.Reasons.HasFlag(WakeReasons.Untrusted) || one.Number % 150 <= 105, $"{one.Number}: {one.Step.Reasons}"));
        var noisy = new GateRig { Cost = number => (1200 + (number * 37 % 90), 28) };
        noisy.Run(60);
        Assert.Equal(WakeReasons.Untrusted, noisy.Steps[^1].Step.Reasons);
    }

    [Fact]
    public void A_camera_whose_frames_nobody_shows_stays_awake() =>
        Assert.All(new GateRig { IsSeen = false }.Run(120), one => Assert.True(one.Step.IsAwake));

    [Fact]
    public void The_same_packets_and_frames_make_the_same_steps()
    {
        Assert.Equal(Steps(), Steps());

        static List<(int, GateStep)> Steps()
        {
            var random = new Random(7);
            var rig = new GateRig { Cost = _ => (120 + random.Next(random.Next(10) == 0 ? 900 : 40), 22 + random.Next(4)) };
            rig.Scene = (pixels, number) => GateRig.Paint(pixels, number * 5 % 90, 10, 9, (byte)(number % 300 < 250 ? 120 : 20));
            return rig.Run(300);
        }
    }
}
