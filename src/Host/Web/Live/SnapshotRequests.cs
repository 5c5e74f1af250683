using System.Threading.Channels;
using ActionStream.Publish.Snapshots;
using Microsoft.Extensions.Logging;

namespace ActionStream.Host.Web.Live;

/// <summary>Publishes the next frame of a camera for whoever asked over MQTT: one at a time, and
/// those beyond a few are passed over.</summary>
internal sealed partial class SnapshotRequests : IDisposable
{
    private const int MostWaiting = 8;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly Channel<string> _asked = Channel.CreateBounded<string>(
        new BoundedChannelOptions(MostWaiting) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private readonly CancellationTokenSource _stop = new();
    private readonly LiveEncoder _encoder;
    private readonly EventSnapshots _snapshots;
    private readonly ILogger _log;
    private readonly Task _running;

    public SnapshotRequests(LiveEncoder encoder, EventSnapshots snapshots, ILogger log)
    {
        (_encoder, _snapshots, _log) = (encoder, snapshots, log);
        _running = RunAsync();
    }

    /// <summary>Returns at once, from any thread.</summary>
    public void Ask(string camera) => _asked.Writer.TryWrite(camera);

    public void Dispose()
    {
        _stop.Cancel();
        _running.GetAwaiter().GetResult(); // it leaves at once
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        while (await NextAsync() is { } camera)
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
            patience.CancelAfter(Patience);
            try
            {
                _snapshots.Publish(camera, (await _encoder.StillAsync(camera, patience.Token)).Jpeg);
            }
            catch (OperationCanceledException)
            {
                LogNoFrame(camera, Patience);
            }
        }
    }

    private async Task<string?> NextAsync()
    {
        try
        {
            return await _asked.Reader.ReadAsync(_stop.Token);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    [LoggerMessage(LogLevel.Information, "{Camera}: a snapshot was asked for, and no frame came within {Patience}")]
    private partial void LogNoFrame(string camera, TimeSpan patience);
}
