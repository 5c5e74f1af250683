namespace ActionStream.Bench.Quiet;

/// <summary>How a camera codes what it sees.</summary>
internal enum CodingKind
{
    H264Quality,
    H264ConstantRate,
    H264WithB,
    H265,
    Mpeg4,
    Mjpeg,
}
