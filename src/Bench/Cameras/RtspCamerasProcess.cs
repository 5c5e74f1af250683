using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using ActionStream.Bench.Reporting;

namespace ActionStream.Bench.Cameras;

/// <summary>The cameras in a process of their own, so that what they cost is not taken for the service's.</summary>
internal sealed class RtspCamerasProcess : IAsyncDisposable
{
    private readonly Process _process;

    private RtspCamerasProcess(Process process, int port) => (_process, Port) = (process, port);

    public int Port { get; }

    public int Id => _process.Id;

    /// <param name="files">What the cameras play: the first the first file, the second the second, and so on in turn.</param>
    public static async Task<RtspCamerasProcess> StartAsync(IReadOnlyList<string> files, CancellationToken cancel)
    {
        var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["bench", "cameras", .. files])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        if (!int.TryParse(await process.StandardOutput.ReadLineAsync(cancel), CultureInfo.InvariantCulture, out var port))
        {
            process.Dispose();
            throw new BenchException("the cameras of this measurement did not start");
        }

        return new(process, port);
    }

    /// <summary>The other side: prints its port, then counts whenever a line comes; the end of input is the end.</summary>
    public static async Task ServeAsync(IReadOnlyList<string> files, TextReader orders, TextWriter answers, CancellationToken cancel)
    {
        using var cameras = new RtspCameras([.. files.Select(file => new RtpVideo(CodedVideo.Load(file)))]);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var running = cameras.RunAsync(stop.Token);
        await answers.WriteLineAsync(cameras.Port.ToString(CultureInfo.InvariantCulture));
        await answers.FlushAsync(cancel);
        while (await orders.ReadLineAsync(cancel) is not null)
        {
            await answers.WriteLineAsync(JsonSerializer.Serialize(cameras.Count()));
            await answers.FlushAsync(cancel);
        }

        await stop.CancelAsync();
        await running;
    }

    public string Url(int camera) => string.Create(CultureInfo.InvariantCulture, $"rtsp://127.0.0.1:{Port}/cam{camera}");

    public async Task<CameraCounts> CountAsync(CancellationToken cancel)
    {
        await _process.StandardInput.WriteLineAsync();
        await _process.StandardInput.FlushAsync(cancel);
        return JsonSerializer.Deserialize<CameraCounts>(await _process.StandardOutput.ReadLineAsync(cancel) ?? "{}");
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await ((Task)_process.WaitForExitAsync()).WaitAsync(TimeSpan.FromSeconds(5)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }
}
