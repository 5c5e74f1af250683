using System.Diagnostics.Metrics;
using ActionStream.Core.Media;
using ActionStream.Core.Modelling;
using ActionStream.Core.Retrying;
using ActionStream.Ingest;
using ActionStream.Ingest.Ffmpeg;
using ActionStream.Ingest.Sources;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActionStream.EndToEnd.Contracts.Ingest;

/// <summary>What a camera needs to run in a test, and what it left behind.</summary>
internal sealed class CameraRig : IAsyncDisposable
{
    private readonly Meter _meter = new("test");

    public CameraRig()
    {
        Environment = new(new FfmpegLauncher(TimeProvider.System), () => FfmpegTool.Find(), Pool, TimeProvider.System);
        Meters = new(_meter);
        Services = new(
            Environment, new ConnectLimiter(TimeProvider.System), Meters, new Backoff(), new Random(1), NullLoggerFactory.Instance);
    }

    public PixelPool Pool { get; } = new();

    public FfmpegEnvironment Environment { get; }

    public IngestMeters Meters { get; }

    public IngestServices Services { get; }

    public static FrameSpec Small { get; } = new(TimeSpan.FromMilliseconds(125), new FrameSize(32, 32), Fit.Crop);

    public static SourceOptions Source(string url) => new() { Url = url, Hwaccel = Hwaccel.None, Realtime = false };

    public FfmpegSource Ffmpeg(SourceOptions options, FrameSpec? picture = null) =>
        new("cam", options, picture ?? Small, Environment, Meters.ForCamera("cam"), NullLogger<FfmpegSource>.Instance);

    /// <summary>Times of all frames of one connection.</summary>
    public async Task<List<TimeSpan>> TimesAsync(SourceOptions options, FrameSpec? picture = null, int most = int.MaxValue)
    {
        var times = new List<TimeSpan>();
        await foreach (var frame in Ffmpeg(options, picture).ReadAsync(0, Soon()))
        {
            using (frame)
            {
                times.Add(frame.Time.Presentation);
            }

            if (times.Count == most)
            {
                break;
            }
        }

        return times;
    }

    public async Task<SourceException> FaultAsync(SourceOptions options) =>
        await Assert.ThrowsAsync<SourceException>(() => TimesAsync(options));

    /// <summary>A test that hangs says so.</summary>
    public static CancellationToken Soon(int seconds = 15) => new CancellationTokenSource(TimeSpan.FromSeconds(seconds)).Token;

    public ValueTask DisposeAsync()
    {
        _meter.Dispose();
        Assert.Equal(0, Pool.InUse); // every frame and clip was passed on or disposed
        Pool.Dispose();
        return ValueTask.CompletedTask;
    }
}
