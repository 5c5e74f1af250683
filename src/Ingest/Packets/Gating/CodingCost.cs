using ActionStream.Ingest.Packets.Pictures;

namespace ActionStream.Ingest.Packets.Gating;

/// <summary>What a picture would cost were all quantised alike: a camera with a constant rate spends the same bytes on motion, more
/// coarsely.</summary>
internal static class CodingCost
{
    /// <summary>A step of MPEG-4's quantiser (2q), in steps of H.264's at QP 0.</summary>
    private const double Mpeg4Step = 2 / 0.63;

    /// <summary>Where a coder does not say: a usual one, so that the same limits hold.</summary>
    private const int Usual = 26;

    /// <summary>Bytes at quantiser 0; the bytes themselves for MJPEG.</summary>
    public static double Of(VideoCodec codec, int bytes, int? quantiser) => codec switch
    {
        VideoCodec.Mjpeg => bytes,
        VideoCodec.Mpeg4 => bytes * Mpeg4Step * (quantiser ?? 6),
        _ => bytes * Math.Pow(2, (quantiser ?? Usual) / 6.0),
    };

    /// <summary>Pictures of one kind cost alike: the first after a key picture repairs what that left, and of the B pictures between two
    /// others the first may serve as reference to the rest.</summary>
    internal static int KindOf(PictureType type, int sinceIntra, int inRow) => type switch
    {
        PictureType.Intra => 0,
        PictureType.Predicted => Math.Min(sinceIntra, 3),
        _ => 3 + Math.Min(inRow, 2),
    };

    /// <summary>Kinds that <see cref="KindOf"/> tells apart.</summary>
    internal const int Kinds = 6;
}
