using ActionStream.Core.Media;

namespace ActionStream.Bench.Quiet;

/// <summary>Who acts after the still part.</summary>
internal enum ActorKind
{
    /// <summary>A piece of the packaged clip, in which one rendered person does one thing after the other.</summary>
    Demo,

    /// <summary>A clip of a folder of clips.</summary>
    Clip,

    /// <summary>A drawn figure that walks in or begins to move where it stands.</summary>
    Figure,
}

/// <summary>One composed recording, all of it by its seed and number: a still part, and then an action.</summary>
/// <param name="Still">Length of the part in which nobody acts.</param>
/// <param name="Reach">Height of the pasted clip, or of the figure, in heights of the scene.</param>
/// <param name="Fade">For how long a pasted clip fades in; zero: it is there from the start, and stands still.</param>
/// <param name="Choice">Which clip, piece or figure; taken modulo what there is.</param>
/// <param name="Level">How strong the scene's own motion is, 0 to 1.</param>
/// <param name="Rate">Of the coder, 0 (few bits) to 1 (many).</param>
internal sealed record RecordingPlan(
    int Seed, int Number, SceneKind Scene, CodingKind Coding, FrameSize Size, int FramesPerSecond, double KeySeconds, TimeSpan Still,
    ActorKind Actor, double Reach, TimeSpan Fade, int Choice, double Level, double Rate, bool HasClock)
{
    /// <summary>From the beginning of the action to the end of the recording at most.</summary>
    public static readonly TimeSpan Action = TimeSpan.FromSeconds(8);

    private static readonly FrameSize[] Sizes =
    [
        new(320, 180), new(320, 180), new(320, 180), new(320, 180), new(320, 240), new(320, 240), new(352, 288),
        new(480, 272), new(640, 360),
    ];

    // As most cameras send; in a few, since five hundred recordings must be affordable.
    private static readonly FrameSize Large = new(1280, 720);

    private static readonly int[] Rates = [10, 12, 15, 15, 20, 25, 30];
    private static readonly double[] Keys = [1, 1, 2, 2, 2, 4, 5, 8, 10];

    // Whoever is small is seldom decided on, and an event is what must not be missed; so three of four are large.
    private static readonly double[] Reaches = [0.15, 0.3, 0.6, 0.7, 0.8, 0.9, 1, 1];

    private static readonly CodingKind[] Codings =
    [
        CodingKind.H264Quality, CodingKind.H264Quality, CodingKind.H264ConstantRate, CodingKind.H264ConstantRate, CodingKind.H264WithB,
        CodingKind.H264WithB, CodingKind.H265, CodingKind.Mpeg4, CodingKind.Mjpeg,
    ];

    /// <summary>A name that tells two recordings apart.</summary>
    public string Name => $"{Seed}-{Number}";

    public TimeSpan FrameTime(int index) => TimeSpan.FromTicks((long)Math.Round(index * (double)TimeSpan.TicksPerSecond / FramesPerSecond));

    public static RecordingPlan Of(int seed, int number)
    {
        var random = new Random(Scrambled(seed, number));
        var scenes = Enum.GetValues<SceneKind>();
        var coding = Codings[random.Next(Codings.Length)];
        var size = Sizes[random.Next(Sizes.Length)];
        var rate = Rates[random.Next(Rates.Length)];
        var key = Keys[random.Next(Keys.Length)];
        var still = TimeSpan.FromSeconds(random.Next(45, 66));
        var actor = random.Next(10) switch { < 5 => ActorKind.Demo, < 8 => ActorKind.Clip, _ => ActorKind.Figure };
        var reach = Reaches[random.Next(Reaches.Length)];
        var fade = random.Next(5) == 0 ? TimeSpan.FromSeconds(0.3 + (1.7 * random.NextDouble())) : TimeSpan.Zero;
        if (random.Next(40) == 0)
        {
            (size, rate) = (Large, 25);
        }
        else if (size.Width > 480)
        {
            rate = Math.Min(rate, 15); // likewise
        }

        return new(
            seed, number, scenes[number % scenes.Length], coding, size, rate, key, still, actor, reach, fade, random.Next(1 << 20),
            random.NextDouble(), random.NextDouble(), random.Next(4) == 0);
    }

    // Neighbouring seeds give neighbouring numbers.
    private static int Scrambled(int seed, int number)
    {
        var hash = ((ulong)(uint)seed << 32 | (uint)number) + 0x9E3779B97F4A7C15UL;
        hash = (hash ^ (hash >> 30)) * 0xBF58476D1CE4E5B9UL;
        hash = (hash ^ (hash >> 27)) * 0x94D049BB133111EBUL;
        return (int)(hash ^ (hash >> 31)) & int.MaxValue;
    }
}
