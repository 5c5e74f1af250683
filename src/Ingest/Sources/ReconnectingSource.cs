using System.Runtime.CompilerServices;
using ActionStream.Core.Media;
using ActionStream.Core.Retrying;
using Microsoft.Extensions.Logging;

namespace ActionStream.Ingest.Sources;

/// <summary>Is told how connections come and go.</summary>
public interface IConnectionObserver
{
    void Connecting(int epoch);

    /// <param name="fault">Why; null if the stream simply ended.</param>
    void Lost(int epoch, SourceFault? fault);

    /// <summary>The camera was switched off; <see cref="Connecting"/> follows when it is on again.</summary>
    void SwitchedOff();
}

/// <summary>Makes any source outlive its connection: every connection is an epoch of its own.</summary>
/// <param name="power">Whether anybody wants frames; always, where it is null.</param>
/// <param name="firstEpoch">Number of the first connection: a stream that is started again must not count from 0 twice.</param>
/// <param name="endsByItself">True for a source played once: its end is the end, and its faults are thrown.</param>
public sealed partial class ReconnectingSource(
    IFrameSource source, Backoff backoff, bool endsByItself, IConnectionObserver observer,
    TimeProvider time, Random random, ILogger<ReconnectingSource> log, CameraSwitch? power = null, int firstEpoch = 0)
{
    /// <summary>The connection that stands or is being tried.</summary>
    public int Epoch { get; private set; } = firstEpoch;

    public async IAsyncEnumerable<Frame> ReadAsync(string stream, [EnumeratorCancellation] CancellationToken cancel)
    {
        var failures = 0;
        var failingSince = time.GetTimestamp();
        for (; ; Epoch++)
        {
            var epoch = Epoch;
            if (power is { IsOn: false })
            {
                observer.SwitchedOff();
                await power.WaitUntilOnAsync(cancel);
                failures = 0;
            }

            observer.Connecting(epoch);
            var connectedAt = time.GetTimestamp();
            SourceException? fault = null;
            using var until = CancellationTokenSource.CreateLinkedTokenSource(cancel, power?.Off ?? CancellationToken.None);

            await using (var frames = source.ReadAsync(epoch, until.Token).GetAsyncEnumerator(until.Token))
            {
                while (true)
                {
                    try
                    {
                        if (!await frames.MoveNextAsync())
                        {
                            break;
                        }
                    }
                    catch (OperationCanceledException) when (until.IsCancellationRequested && !cancel.IsCancellationRequested)
                    {
                        break; // switched off
                    }
                    catch (SourceException broken) when (!endsByItself)
                    {
                        fault = broken;
                        break;
                    }

                    yield return frames.Current;
                }
            }

            if (until.IsCancellationRequested && !cancel.IsCancellationRequested)
            {
                continue;
            }

            if (endsByItself)
            {
                yield break;
            }

            // Success is having lasted, not having yielded a frame: a flapping camera must not reset the degradation levels.
            var wasHealthy = time.GetElapsedTime(connectedAt) >= backoff.HealthyAfter;
            (failures, failingSince) = wasHealthy || failures == 0 ? (1, time.GetTimestamp()) : (failures + 1, failingSince);
            observer.Lost(epoch, fault?.Fault);
            var delay = backoff.Delay(
                failures, time.GetElapsedTime(failingSince), random.NextDouble(), fault?.Fault == SourceFault.Unauthorized);
            Report(stream, epoch, delay, failures, fault);
            await Task.Delay(delay, time, until.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancel.ThrowIfCancellationRequested();
        }
    }

    private void Report(string stream, int epoch, TimeSpan delay, int failures, SourceException? fault)
    {
        var reason = fault?.Message ?? "the stream ended";
        LogReconnecting(stream, epoch, reason, delay.TotalSeconds, failures);
        if (fault is { Fault: SourceFault.Crashed, Lines.Count: > 0 } && failures == 1)
        {
            LogCrash(stream, string.Join(Environment.NewLine, fault.Lines));
        }
        else if (fault is { Lines.Count: > 0 } && log.IsEnabled(LogLevel.Debug))
        {
            LogLines(stream, string.Join(Environment.NewLine, fault.Lines));
        }
    }

    [LoggerMessage(
        LogLevel.Warning, "{Stream}: connection {Epoch} lost: {Reason}; next try in {Delay:0.0} s (failure {Failures} in a row)")]
    private partial void LogReconnecting(string stream, int epoch, string reason, double delay, int failures);

    [LoggerMessage(LogLevel.Warning, "{Stream}: ffmpeg's last lines before it crashed:\n{Lines}")]
    private partial void LogCrash(string stream, string lines);

    [LoggerMessage(LogLevel.Debug, "{Stream}: ffmpeg's last lines:\n{Lines}")]
    private partial void LogLines(string stream, string lines);
}
