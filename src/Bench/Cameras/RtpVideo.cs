namespace ActionStream.Bench.Cameras;

/// <summary>A video that many cameras play without end: cut into packets once, described as RTSP wants it.</summary>
internal sealed class RtpVideo
{
    private readonly CodedVideo _video;

    public RtpVideo(CodedVideo video)
    {
        _video = video;
        Frames = [.. video.Pictures.Select(picture => RtpFrame.Of(picture, video.IsHevc))];
        Keys = [.. video.Pictures.Index().Where(at => at.Item.IsKey).Select(at => at.Index)];
        Largest = Frames.Max(frame => frame.Bytes.Length);
    }

    public IReadOnlyList<RtpFrame> Frames { get; }

    /// <summary>Which frames are key frames.</summary>
    public IReadOnlyList<int> Keys { get; }

    /// <summary>Bytes of the largest frame.</summary>
    public int Largest { get; }

    /// <summary>The answer to DESCRIBE.</summary>
    public string Description =>
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=bench\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\na=range:npt=now-\r\n"
        + $"m=video 0 RTP/AVP 96\r\na=rtpmap:96 {(_video.IsHevc ? "H265" : "H264")}/90000\r\na=fmtp:96 {Format}\r\n"
        + $"a=framerate:{RtspCameras.Fps}\r\na=control:track1\r\n";

    private string Format
    {
        get
        {
            var sets = _video.Parameters.Select(unit => Convert.ToBase64String(unit.Span)).ToArray();
            return _video.IsHevc
                ? $"sprop-vps={sets[0]};sprop-sps={sets[1]};sprop-pps={sets[2]}"
                : $"packetization-mode=1;profile-level-id={Convert.ToHexString(_video.Parameters[0].Span[1..4])};"
                    + $"sprop-parameter-sets={sets[0]},{sets[1]}";
        }
    }
}
