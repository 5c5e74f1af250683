using ActionStream.Core.Media;
using ActionStream.Ingest.Packets;
using ActionStream.Ingest.Packets.Gating;
using ActionStream.Ingest.Packets.Pictures;

namespace ActionStream.Unit.Ingest.Packets.Gating;

/// <summary>A camera for a gate: pictures of given costs, ten a second, and what its pixels show at each.</summary>
internal sealed class GateRig
{
    public const int PerSecond = 10;

    private readonly byte[] _pixels = new byte[Size.Bytes];
    private int _count;

    public GateRig(GateOptions? options = null, VideoCodec codec = VideoCodec.H264) =>
        Gate = new(codec, new FrameSize(320, 192), options ?? new());

    public static FrameSize Size { get; } = new(112, 112);

    public PacketGate Gate { get; }

    /// <summary>Pictures from one key picture to the next.</summary>
    public int KeyEvery { get; init; } = 20;

    /// <summary>Bytes and quantiser of a predicted picture, by its number.</summary>
    public Func<int, (int Bytes, int? Quantiser)> Cost { get; set; } = number => (120 + (number * 37 % 11), 28);

    /// <summary>Paints what is there, by the picture's number, on a grey frame.</summary>
    public Action<byte[], int> Scene { get; set; } = (_, _) => { };

    /// <summary>The camera shows its frames to the gate.</summary>
    public bool IsSeen { get; set; } = true;

    public bool IsReadable { get; set; } = true;

    public WakeReasons Votes { get; set; }

    public List<(int Number, GateStep Step)> Steps { get; } = [];

    public bool IsAwake => Steps[^1].Step.IsAwake;

    public static TimeSpan At(int number) => number * TimeSpan.FromSeconds(1.0 / PerSecond);

    /// <summary>The steps of so many seconds more.</summary>
    public List<(int Number, GateStep Step)> Run(double seconds)
    {
        var before = Steps.Count;
        for (var i = 0; i < seconds * PerSecond; i++)
        {
            Next();
        }

        return Steps[before..];
    }

    /// <summary>Until it sleeps, which must be soon.</summary>
    public GateRig Asleep()
    {
        Run(40);
        Assert.False(IsAwake, $"awake: {Steps[^1].Step.Reasons}");
        return this;
    }

    /// <summary>A block of the frame in one shade.</summary>
    public static void Paint(byte[] pixels, int left, int top, int side, byte shade)
    {
        for (var row = top; row < top + side; row++)
        {
            pixels.AsSpan(((row * Size.Width) + left) * 3, side * 3).Fill(shade);
        }
    }

    private void Next()
    {
        var number = _count++;
        var isKey = number % KeyEvery == 0;
        var (bytes, quantiser) = isKey ? (6000, 26) : Cost(number);
        var picture = new Picture(isKey ? PictureType.Intra : PictureType.Predicted, quantiser, isKey);
        var step = Gate.Take(new(At(number), bytes, isKey, IsReadable ? picture : null), Votes);
        Steps.Add((number, step));
        if (IsSeen && (step.IsAwake || step.IsHeartbeat))
        {
            Array.Fill(_pixels, (byte)120);
            Scene(_pixels, number);
            Gate.Look(_pixels, Size, At(number), step.IsHeartbeat);
        }
    }
}
