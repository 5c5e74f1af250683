using ActionStream.Core.Media;
using ActionStream.EndToEnd.Support;
using ActionStream.Ingest.Decoding;
using ActionStream.Ingest.Packets;
using ActionStream.Ingest.Packets.Gating;
using ActionStream.Ingest.Packets.Pictures;
using ActionStream.Ingest.Sources;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActionStream.EndToEnd.Contracts.Ingest;

public sealed class PacketSourceTests
{
    [NeedsTheory("ffmpeg")]
    [InlineData("libx264", "-bf 0", "mp4")]
    [InlineData("libx264", "-bf 2", "mp4")]
    [InlineData("libx264", "-bf 2", "ts")]
    [InlineData("libx265", "-x265-params log-level=none", "mp4")]
    [InlineData("mpeg4", "-bf 1", "ts")]
    [InlineData("mjpeg", "-pix_fmt yuvj420p", "mov")]
    public async Task A_camera_read_and_decoded_by_two_children_gives_the_frames_that_one_gives(string codec, string options, string container)
    {
        await using var rig = new CameraRig();
        var video = Videos.Encoded(codec, options, container);

        var one = await FramesAsync(rig.Ffmpeg(CameraRig.Source(video)));
        var two = await FramesAsync(Packets(rig, CameraRig.Source(video)));

        Assert.Equal(48, one.Count, 2d);
        Assert.Equal(one, two);
    }

    private static async Task<List<(TimeSpan, string)>> FramesAsync(IFrameSource source)
    {
        var frames = new List<(TimeSpan, string)>();
        try
        {
            await foreach (var frame in source.ReadAsync(0, CameraRig.Soon()))
            {
                using (frame)
                {
                    frames.Add((frame.Time.Presentation, Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(frame.Pixels))));
                }
            }
        }
        catch (SourceException end) when (end.Fault == SourceFault.Disconnected)
        {
            // A live source has no end.
        }

        return frames;
    }

    private static PacketSource Packets(CameraRig rig, SourceOptions options, Func<CodedStream, IPictureReader?, IGate>? gate = null) => new(
        new(
            "cam", "cam", options, CameraRig.Small, TimeSpan.FromSeconds(2), rig.Environment, rig.Meters.ForCamera("cam"),
            gate ?? ((_, _) => new AlwaysAwake(WakeReasons.Configured)), () => WakeReasons.None, new((_, _) => { }, _ => { })),
        () => rig.Ffmpeg(options), keep: null, NullLogger<PacketSource>.Instance);
}
