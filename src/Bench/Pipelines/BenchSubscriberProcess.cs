using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using ActionStream.Bench.Reporting;

namespace ActionStream.Bench.Pipelines;

/// <summary>Our side of a <see cref="BenchSubscriber"/>: starts it, asks it, ends it.</summary>
internal sealed class BenchSubscriberProcess : IAsyncDisposable
{
    private readonly Process _process;

    private BenchSubscriberProcess(Process process, string host, int port) => (_process, Host, Port) = (process, host, port);

    public string Host { get; }

    public int Port { get; }

    public int Id => _process.Id;

    public static async Task<BenchSubscriberProcess> StartAsync(CancellationToken cancel)
    {
        var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["bench", "subscriber"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        var address = (await process.StandardOutput.ReadLineAsync(cancel))?.Split(' ');
        if (address is not [var host, var port])
        {
            process.Dispose();
            throw new BenchException("the broker and subscriber of this measurement did not start");
        }

        return new(process, host, int.Parse(port, CultureInfo.InvariantCulture));
    }

    /// <summary>Forgets what it has received so far.</summary>
    public Task MarkAsync() => OrderAsync("mark");

    /// <summary>What it has received since the mark.</summary>
    public async Task<IReadOnlyList<ReceivedMessage>> ReportAsync(CancellationToken cancel)
    {
        await OrderAsync("report");
        return JsonSerializer.Deserialize<ReceivedMessage[]>(await _process.StandardOutput.ReadLineAsync(cancel) ?? "[]")!;
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

    private async Task OrderAsync(string order)
    {
        await _process.StandardInput.WriteLineAsync(order);
        await _process.StandardInput.FlushAsync();
    }
}
