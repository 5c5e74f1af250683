using System.Text.Json;
using ActionStream.Bench.Cameras;
using ActionStream.EndToEnd.Support;

namespace ActionStream.EndToEnd.Scenarios;

/// <summary>The simulated cameras of `bench ingest --quiet` beside ffmpeg, which knows what RTSP is.</summary>
public sealed class BenchCamerasTests : IDisposable
{
    private readonly string _temp = Directory.CreateTempSubdirectory("bench-cameras-").FullName;

    public void Dispose() => Directory.Delete(_temp, recursive: true);

    [NeedsFact("ffmpeg")]
    public async Task What_a_viewer_gets_is_what_the_file_holds_picture_by_picture()
    {
        var files = new[]
        {
            await MakeAsync("a.h264", "-c:v", "libx264", "-preset", "ultrafast", "-b:v", "4M", "-bsf:v", "h264_metadata=aud=insert"),
            await MakeAsync("b.h265", "-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none:bframes=0", "-bsf:v",
                "hevc_metadata=aud=insert"),
        };
        using var cameras = new RtspCameras([.. files.Select(file => new RtpVideo(CodedVideo.Load(file)))]);
        using var stop = new CancellationTokenSource();
        var serving = cameras.RunAsync(stop.Token);

        for (var i = 0; i < files.Length; i++)
        {
            var sent = await FramesAsync("-i", files[i]);
            var seen = await FramesAsync("-rtsp_transport", "tcp", "-i", $"rtsp://127.0.0.1:{cameras.Port}/cam{i}");

            Assert.Equal(25, sent.Count);
            Assert.Equal(sent, seen.Take(25)); // and then the file begins again
        }

        Assert.Equal(0, cameras.Count().Skipped);
        await stop.CancelAsync();
        await serving;
    }

    [NeedsFact("ffmpeg")]
    public async Task Quiet_gives_what_cameras_cost_in_each_way()
    {
        var (code, output, all) = await Service.RunAsync(
            [
                "bench", "ingest", "--quiet", "--encoding", "crf", "--cameras", "1", "--seconds", "1", "--pairs", "1", "--settle", "1",
                "--model", TestModel.Folder, "--json",
            ],
            TimeSpan.FromSeconds(120), ("TMPDIR", _temp));

        Assert.True(code == 0, all);
        var json = JsonDocument.Parse(output).RootElement;
        var cost = json.GetProperty("cost")[0];
        foreach (var way in (string[])["one_child", "awake", "auto"])
        {
            Assert.InRange(cost.GetProperty(way).GetDouble(), 0.1, 100);
        }

        Assert.Equal(2, json.GetProperty("processes").GetInt32()); // one reads, one decodes
        Assert.InRange(json.GetProperty("sleep")[0].GetProperty("children_mib").GetDouble(), 1, 300);
        Assert.Equal(0, json.GetProperty("thresholds").GetArrayLength()); // a trial proves nothing
        Assert.Empty(Directory.EnumerateFileSystemEntries(_temp, "actionstream-*"));
    }

    // Decoded, so that a lost or doubled byte shows.
    private static async Task<List<string>> FramesAsync(params string[] input)
    {
        await using var ffmpeg = new Child("ffmpeg", ["-v", "error", "-nostdin", .. input, "-frames:v", "30", "-f", "framemd5", "-"]);
        Assert.Equal(0, await ffmpeg.ExitAsync(TimeSpan.FromSeconds(20)));
        return
        [
            .. ffmpeg.All.Split('\n').Where(line => line.StartsWith("0,", StringComparison.Ordinal))
                .Select(line => line.Split(',')[^1].Trim()),
        ];
    }

    private async Task<string> MakeAsync(string name, params string[] encoder)
    {
        var path = Path.Combine(_temp, name);
        await using var ffmpeg = new Child(
            "ffmpeg",
            [
                "-v", "error", "-nostdin", "-f", "lavfi", "-i", "testsrc2=size=640x360:rate=25:duration=1,noise=alls=30:allf=t",
                .. encoder, "-bf", "0", "-pix_fmt", "yuv420p", path,
            ]);
        Assert.Equal(0, await ffmpeg.ExitAsync(TimeSpan.FromSeconds(30)));
        return path;
    }
}
