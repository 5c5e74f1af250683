using System.Diagnostics.Metrics;
using ActionStream.Core.Modelling;
using ActionStream.Host.Cameras;
using ActionStream.Host.Configuration;
using ActionStream.Host.Output;
using ActionStream.Host.Reload;
using ActionStream.Host.Web;
using ActionStream.Inference;
using ActionStream.Inference.Onnx;
using ActionStream.Inference.Scoring;
using ActionStream.Unit.Support;
using Microsoft.Extensions.Logging;

namespace ActionStream.Unit.Host.Reload;

/// <summary>Whatever another configuration throws before anything has changed, the one before runs on.</summary>
public sealed class ReloaderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("reload-").FullName;
    private readonly Meter _meter = new("test");
    private readonly LogLines<Reloader> _log = new();

    public ReloaderTests() => WriteCard("first");

    public void Dispose()
    {
        Directory.Delete(_folder, recursive: true);
        _meter.Dispose();
    }

    public static TheoryData<Exception> Faults =>
    [
        new UnauthorizedAccessException("Access to the path is denied."), new IOException("Input/output error"),
        new DeviceException("device cuda was asked for and does not load"), new TimeoutException(),
        new ScoringException(ScoringException.DeviceLost, "CUDA failure 2"), new InvalidOperationException("nobody thought of this"),
        new TaskCanceledException("by nobody who stops it"),
    ];

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_model_whose_loading_throws_is_refused(Exception fault)
    {
        var runs = new Runs { OnLoad = () => throw fault };
        var reloader = Reloader(runs);
        WriteCard("second");
        await reloader.ReloadAsync(default);
        Assert.Equal((1, "first"), (runs.Refused, reloader.Running.Card.Name));
        Assert.Contains(_log.Lines, line => line.Text.EndsWith("has 1 problems; the one before runs on", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Zones_whose_graph_does_not_open_are_refused_before_any_camera_is_touched()
    {
        var runs = new Runs { OnPrepare = () => throw new DeviceException("frame_encoder.onnx does not run") };
        var reloader = Reloader(runs);
        Write("cameras:\n  yard: {url: \"rtsp://cam/2\"}\n");
        await reloader.ReloadAsync(default);
        Assert.Equal(["front"], reloader.Running.Options.Cameras.Keys);
        Assert.Contains(
            _log.Lines,
            line => line.Level == LogLevel.Error && line.Text.Contains("frame_encoder.onnx does not run", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_stop_is_no_refusal()
    {
        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();
        var runs = new Runs { OnLoad = () => throw new OperationCanceledException(stop.Token) };
        var reloader = Reloader(runs);
        WriteCard("second");
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reloader.ReloadAsync(stop.Token));
        Assert.Equal(0, runs.Refused);
    }

    private Reloader Reloader(Runs runs)
    {
        var path = Write("cameras:\n  front: {url: \"rtsp://cam/1\"}\n");
        return new(
            new ConfigWatch(path, TimeProvider.System), LoadedConfiguration.Load(path), runs, (_, _) => null, new(LogLevel.Information),
            new(_meter, TimeProvider.System), new Health(), _log);
    }

    private string Write(string cameras)
    {
        var path = Path.Combine(_folder, "site.yaml");
        File.WriteAllText(path, $"model: {{path: \"{_folder}\"}}\n{cameras}");
        return path;
    }

    private void WriteCard(string name) => CardFile.Save(
        new ModelCard
        {
            Name = name,
            Input = new() { Frames = 16, Height = 112, Width = 112, Interval = TimeSpan.FromMilliseconds(125) },
            Labels = ["idle", "fall"],
        },
        _folder);

    private sealed class Runs : IRunning
    {
        public Func<LoadedModel> OnLoad { get; init; } = () => throw new InvalidOperationException("nobody asked for it");

        public Action OnPrepare { get; init; } = () => { };

        public int Refused { get; private set; }

        public CameraSet Cameras => throw new InvalidOperationException("a camera is touched");

        public Task<LoadedModel> LoadAsync(LoadedConfiguration wanted, CancellationToken cancel) =>
            Task.Run(OnLoad, CancellationToken.None);

        public void Prepare(LoadedConfiguration wanted) => OnPrepare();

        public Task ExchangeAsync(
            LoadedConfiguration running, LoadedConfiguration wanted, LoadedModel next, CameraChanges changes, CancellationToken cancel) =>
            throw new InvalidOperationException("a camera is touched");

        public void CountChange(bool isTaken) => Refused += isTaken ? 0 : 1;
    }
}
