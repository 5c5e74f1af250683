using System.Globalization;
using ActionStream.EndToEnd.Support;

namespace ActionStream.EndToEnd.Measurements.Chaos;

/// <summary>What a shaky camera is made to do is what a real ffmpeg sees of it.</summary>
public sealed class ShakyCameraTests
{
    private const int Fps = 16;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [NeedsFact("ffmpeg", "ffprobe", "rtsp")]
    public async Task Its_clock_jumps_and_its_pictures_go_on()
    {
        await using var camera = await ShakyCamera.StartAsync("watch:it", Fps, seed: 1);
        await using var probe = new Child("ffprobe",
        [
            "-v", "error", "-rtsp_transport", "tcp", "-show_entries", "packet=pts_time", "-of", "csv=p=0",
            string.Create(CultureInfo.InvariantCulture, $"rtsp://watch:it@127.0.0.1:{camera.Line.Port}/cam0"),
        ]);
        await probe.LineAsync(line => Seconds(line) is > 0.5 and < 20, Patience);
        camera.Faults.ClockSteps++;
        await probe.LineAsync(line => Seconds(line) is > 180 and < 210, Patience);
        camera.Faults.ClockSteps--;
        await probe.LineAsync(line => Seconds(line) is > 1 and < 20 && probe.Lines.Any(before => Seconds(before) > 180), Patience);
    }

    [NeedsFact("ffmpeg", "ffprobe", "rtsp")]
    public async Task It_comes_back_in_another_size()
    {
        await using var camera = await ShakyCamera.StartAsync("watch:it", Fps, seed: 1);
        Assert.Equal("160,120", await SizeAsync(camera));
        await camera.ResizeAsync();
        Assert.Equal("320,240", await SizeAsync(camera));
    }

    private static async Task<string> SizeAsync(ShakyCamera camera)
    {
        await using var probe = new Child("ffprobe",
        [
            "-v", "error", "-rtsp_transport", "tcp", "-show_entries", "stream=width,height", "-of", "csv=p=0",
            string.Create(CultureInfo.InvariantCulture, $"rtsp://watch:it@127.0.0.1:{camera.Line.Port}/cam0"),
        ]);
        await probe.ExitAsync(Patience);
        return probe.Lines.First();
    }

    private static double? Seconds(string line) =>
        double.TryParse(line.TrimEnd(','), CultureInfo.InvariantCulture, out var seconds) ? seconds : null;
}
