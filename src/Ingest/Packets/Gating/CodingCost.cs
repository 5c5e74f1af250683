using ActionStream.Ingest.Packets.Pictures;

namespace ActionStream.Ingest.Packets.Gating;

/// <summary>What a picture would cost were all quantised alike: a camera with a constant rate spends the same bytes on motion, more
/// coarsely.</summary>
internal static class CodingCost
{
    /// <summary>Kinds that <see cref="KindOf"/> tells apart.</summary>
    internal const int Kinds = 6;

    /// <summary>Quantisers that are told apart: 0 to 51, as of H.264 and H.265. Finer ones, of more than eight bits, count as 0.</summary>
    internal const int Quantisers = 52;

    /// <summary>H.264's step at quantiser 0 (ITU-T H.264, table 8-13 and its scaling), in levels of light; it doubles every six.</summary>
    private const double LeastStep = 0.625;

    /// <summary>A step of MPEG-4's quantiser (2q), in steps of H.264's at QP 0.</summary>
    private const double Mpeg4Step = 2 / 0.63;

    /// <summary>Where a coder does not say: a usual one, so that the same limits hold.</summary>
    private const int Usual = 26;

    /// <summary>For which limits are given.</summary>
    private const int Middle = 28;

    /// <summary>Levels of light by which what moves commonly differs from what it covers.</summary>
    private const double Difference = 45;

    /// <summary>Bytes at quantiser 0; the bytes themselves for MJPEG.</summary>
    public static double Of(VideoCodec codec, int bytes, int? quantiser) => codec switch
    {
        VideoCodec.Mjpeg => bytes,
        VideoCodec.Mpeg4 => bytes * Mpeg4Step * (quantiser ?? 6),
        _ => bytes * Math.Pow(2, (quantiser ?? Usual) / 6.0),
    };

    /// <summary>Within <see cref="Quantisers"/>; a usual one where a coder does not say.</summary>
    public static int QuantiserOf(int? quantiser) => Math.Clamp(quantiser ?? Usual, 0, Quantisers - 1);

    /// <summary>What motion costs, at quantiser 0, where a coder quantises as it does, as a share of what it costs at H.264's 28.</summary>
    /// <remarks>A fine quantiser spends more bytes on it, but by far not as many more as its steps are smaller.</remarks>
    public static double OfMotion(VideoCodec codec, int quantiser) =>
        Motion(codec == VideoCodec.Mpeg4 ? 2 * quantiser : StepOf(quantiser)) / Motion(StepOf(Middle));

    /// <summary>Pictures of one kind cost alike: the first after a key picture repairs what that left, and of the B pictures between two
    /// others the first may serve as reference to the rest.</summary>
    internal static int KindOf(PictureType type, int sinceIntra, int inRow) => type switch
    {
        PictureType.Intra => 0,
        PictureType.Predicted => Math.Min(sinceIntra, 3),
        _ => 3 + Math.Min(inRow, 2),
    };

    private static double StepOf(int quantiser) => LeastStep * Math.Pow(2, quantiser / 6.0);

    // Bits that say a difference to a step's precision, times the step.
    private static double Motion(double step) => step * Math.Log2(1 + (Difference / Math.Max(step, LeastStep)));
}
