using System.Diagnostics;
using ActionStream.EndToEnd.Support;
using ActionStream.Ingest.Sources;

namespace ActionStream.EndToEnd.Contracts.Ingest;

/// <summary>Pictures of any size fit in a small file: what a child may take for it is bounded, and the camera is told why.</summary>
[Collection(nameof(CountsChildren))]
public sealed class LargeFramesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("large-frames-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [NeedsFact("ffmpeg")]
    public async Task A_picture_of_16000_by_16000_is_refused_by_name_before_memory_for_it_is_taken()
    {
        await using var rig = new CameraRig();
        var source = CameraRig.Source(Picture("16000x16000"));

        var fault = await rig.FaultAsync(source);

        Assert.Equal(SourceFault.TooLarge, fault.Fault);
        Assert.Contains("sends frames of 16000x16000, more pixels than max_pixels allows", fault.Message, StringComparison.Ordinal);
    }

    [NeedsFact("ffmpeg")]
    public async Task A_child_that_needs_more_than_its_memory_is_refused_by_name()
    {
        await using var rig = new CameraRig();
        var source = CameraRig.Source(Picture("9000x9000")) with { MaxPixels = 200_000_000 };

        var fault = await rig.FaultAsync(source with { DecoderMemory = 150_000_000 });

        Assert.True(fault.Fault == SourceFault.Memory, $"{fault.Fault}: {fault.Message}\n{string.Join('\n', fault.Lines)}");
        Assert.NotEmpty(await rig.TimesAsync(source));
    }

    [NeedsFact("ffmpeg")]
    public async Task A_camera_that_goes_on_sending_what_is_refused_is_told_so_rather_than_called_silent()
    {
        await using var rig = new CameraRig();
        var source = CameraRig.Source(Videos.Mp4) with { MaxPixels = 20_000, Loop = true, Realtime = true };
        var guard = new StallGuard(rig.Ffmpeg(source), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(2), TimeProvider.System);

        var fault = await Assert.ThrowsAsync<SourceException>(async () =>
        {
            await foreach (var frame in guard.ReadAsync(0, CameraRig.Soon()))
            {
                frame.Dispose();
            }
        });

        Assert.Equal(SourceFault.TooLarge, fault.Fault);
        Assert.Contains("320x180", fault.Message, StringComparison.Ordinal);
    }

    private string Picture(string size)
    {
        var path = Path.Combine(_folder, "frame.jpg");
        string[] words = ["-v", "error", "-f", "lavfi", "-i", $"color=gray:size={size}", "-frames:v", "1", "-pix_fmt", "yuvj420p", path];
        using var ffmpeg = Process.Start("ffmpeg", words);
        ffmpeg.WaitForExit();
        return path;
    }
}
