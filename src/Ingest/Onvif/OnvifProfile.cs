using ActionStream.Core.Media;

namespace ActionStream.Ingest.Onvif;

/// <summary>One stream that a camera offers, as it says of it.</summary>
/// <param name="Source">Which of the device's lenses or channels it shows.</param>
/// <param name="Codec">In ffmpeg's words: h264, hevc, mpeg4, mjpeg; lower case of the camera's own for others.</param>
/// <param name="Fps">The most frames a second that it is set to; null where the camera does not say.</param>
/// <param name="Address">Where RTSP serves it, without login.</param>
public sealed record OnvifProfile(
    string Token, string Name, string Source, string Codec, FrameSize Size, double? Fps, long? BitsPerSecond, string Address);
