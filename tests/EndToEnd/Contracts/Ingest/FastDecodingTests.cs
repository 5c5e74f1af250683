using System.Globalization;
using ActionStream.Core.Media;
using ActionStream.Core.Modelling;
using ActionStream.Core.Results;
using ActionStream.EndToEnd.Support;
using ActionStream.Ingest;
using ActionStream.Ingest.Ffmpeg;
using ActionStream.Ingest.Sources;
using ActionStream.Ingest.Windowing;
using Xunit.Abstractions;

namespace ActionStream.EndToEnd.Contracts.Ingest;

public sealed class FastDecodingTests(ITestOutputHelper output)
{
    private static readonly WindowSpec Window = new(Length: 16, Interval: TimeSpan.FromMilliseconds(125), Hop: 2);

    private static readonly FrameSpec Model = new(Window.Interval, new FrameSize(224, 224), Fit.Crop);

    [NeedsFact("ffmpeg")]
    public async Task Fast_decoding_costs_less_and_gives_as_many_windows()
    {
        var exact = await RunAsync(Videos.BusyWithB, DecodeMode.Exact);
        var fast = await RunAsync(Videos.BusyWithB, DecodeMode.Fast);

        output.WriteLine($"exact {exact}, fast {fast}");
        Assert.True(fast.Cpu < 0.9 * exact.Cpu, $"exact {exact}, fast {fast}"); // measured: 0.66
        Assert.InRange(fast.Windows, exact.Windows - 1, exact.Windows + 1);
        Assert.True(exact.Windows > 20, $"{exact}");
    }

    [NeedsFact("ffmpeg")]
    public async Task A_camera_that_is_as_slow_as_the_model_loses_frames_with_its_B_pictures()
    {
        await using var rig = new CameraRig();
        var camera = CameraRig.Source(Videos.SlowWithB);
        var exact = await rig.TimesAsync(camera);
        var fast = await rig.TimesAsync(camera with { Decode = DecodeMode.Fast });
        Assert.True(fast.Count < 0.8 * exact.Count, $"{exact.Count} and {fast.Count} frames");
        Assert.Subset(exact.ToHashSet(), fast.ToHashSet());
    }

    /// <summary>What docs/benchmarks.md says of it.</summary>
    [MeasureFact("ffmpeg")]
    public async Task What_fast_decoding_saves()
    {
        foreach (var (name, video) in (IEnumerable<(string, string)>)
            [
                ("H.264 without B pictures", Videos.Busy("-c:v libx264 -preset veryfast -bf 0")),
                ("H.264 with 3 B pictures", Videos.BusyWithB),
                ("H.265 without B pictures", Videos.Busy("-c:v libx265 -preset superfast -x265-params log-level=none:bframes=0")),
                ("H.265 with 4 B pictures", Videos.Busy("-c:v libx265 -preset superfast -x265-params log-level=none:bframes=4")),
            ])
        {
            var pairs = new List<(Run Exact, Run Fast)>();
            for (var i = 0; i < 5; i++)
            {
                pairs.Add((await RunAsync(video, DecodeMode.Exact), await RunAsync(video, DecodeMode.Fast)));
            }

            var ratios = pairs.Select(pair => pair.Fast.Cpu / pair.Exact.Cpu).Order().ToArray();
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{name}: {ratios[2]:0.000} ({ratios[0]:0.000} to {ratios[^1]:0.000}); "
                + $"windows {pairs[0].Exact.Windows}, {pairs[0].Fast.Windows}"));
        }
    }

    private sealed record Run(double Cpu, int Windows);

    private static async Task<Run> RunAsync(string video, DecodeMode decode)
    {
        await using var rig = new CameraRig();
        var camera = CameraRig.Source(video) with { Decode = decode };
        var before = ChildrenSeconds();
        using var windows = CameraWindows.Create(
            "cam", camera, Window, Model, rig.Meters.ForCamera("cam"), new Progress<StreamStatus>(), TimeProvider.System);
        var (count, ready) = (0, new List<Clip>());
        await foreach (var frame in rig.Ffmpeg(camera, Model).ReadAsync(0, CameraRig.Soon(60)))
        {
            windows.Take(frame, ready);
            count += ready.Count;
            ready.ForEach(clip => clip.Dispose());
            ready.Clear();
        }

        return new(ChildrenSeconds() - before, count);
    }

    /// <summary>CPU of the children that have ended: the 16th and 17th field, in hundredths of a second.</summary>
    private static double ChildrenSeconds()
    {
        var stat = File.ReadAllText("/proc/self/stat");
        return stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[13..15].Sum(ticks => long.Parse(ticks, CultureInfo.InvariantCulture)) / 100.0;
    }
}
