using ActionStream.Core.Media;
using ActionStream.Ingest.Packets.Gating;
using ActionStream.Ingest.Packets.Pictures;
using ActionStream.Unit.Ingest.Packets.Pictures;

namespace ActionStream.Unit.Ingest.Packets.Gating;

/// <summary>Packets of real encoders with bits turned, cut and made up, through the real readers into a gate that sleeps.</summary>
public sealed class GateFuzzTests
{
    private const int Packets = 100_000;
    private const int Burst = 25;

    [Fact]
    public void A_hundred_thousand_damaged_packets_never_leave_a_camera_asleep_that_cannot_be_read()
    {
        var random = new Random(15);
        var (unread, wakes) = (0, 0);
        for (var i = 0; i < Packets;)
        {
            var sample = SamplePackets.All[random.Next(SamplePackets.All.Count)];
            var reader = PictureReaders.For(sample.Stream);
            for (var burst = 0; burst < 40 && reader is not null; burst++)
            {
                var camera = new Camera(sample.Stream.Codec);
                camera.Sleep();
                for (var n = 0; n < Burst; n++, i++)
                {
                    var bytes = Damage(sample.Packets[random.Next(sample.Packets.Count)].Bytes, random);
                    Picture? picture = reader.TryRead(bytes, out var read) ? read : null;
                    var wasAsleep = camera.IsAsleep;
                    var step = camera.Take(bytes.Length, picture);
                    if (picture is null)
                    {
                        Assert.True(step.Reasons.HasFlag(WakeReasons.Unreadable), $"packet {i} of {sample.Stream.Codec}: {step.Reasons}");
                        unread++;
                        wakes += wasAsleep ? 1 : 0;
                    }
                }
            }
        }

        Assert.True(unread > 1000 && wakes > 100, $"{unread} could not be read, {wakes} woke");
    }

    private static byte[] Damage(byte[] packet, Random random)
    {
        var bytes = (byte[])packet.Clone();
        switch (random.Next(5))
        {
            case 0:
                return bytes[..random.Next(bytes.Length)];
            case 1:
                random.NextBytes(bytes);
                return bytes;
            case 2:
                random.NextBytes(bytes.AsSpan(random.Next(bytes.Length)));
                return bytes;
            default:
                for (var i = random.Next(1, 6); i > 0; i--)
                {
                    bytes[random.Next(Math.Min(bytes.Length, 48))] ^= (byte)(1 << random.Next(8));
                }

                return bytes;
        }
    }

    /// <summary>A still scene of few blocks, so that falling asleep again costs little.</summary>
    private sealed class Camera(ActionStream.Ingest.Packets.VideoCodec codec)
    {
        private static readonly FrameSize Size = new(8, 8);

        private readonly PacketGate _gate = new(codec, new FrameSize(640, 480), new());
        private readonly byte[] _pixels = new byte[Size.Bytes];
        private int _count;

        public bool IsAsleep { get; private set; }

        public void Sleep()
        {
            for (var i = 0; i < 1000 && !IsAsleep; i++)
            {
                var isKey = codec == ActionStream.Ingest.Packets.VideoCodec.Mjpeg || _count % 20 == 0;
                Take(isKey ? 3000 : 100, new(isKey ? PictureType.Intra : PictureType.Predicted, 10, isKey));
            }

            Assert.True(IsAsleep, $"{codec} does not sleep");
        }

        public GateStep Take(int bytes, Picture? picture)
        {
            var at = TimeSpan.FromSeconds(_count++ / 10.0);
            var step = _gate.Take(new(at, bytes, false, picture), WakeReasons.None);
            IsAsleep = !step.IsAwake;
            if (step.IsAwake || step.IsHeartbeat)
            {
                _gate.Look(_pixels, Size, at, step.IsHeartbeat);
            }

            return step;
        }
    }
}
