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
/// <remarks>
/// Whatever is thrown while a connection stands ends that connection and nothing else, foreseen or not, be it by the source,
/// by the observer, or by whoever takes the frames (see <see cref="Fail"/>).
/// </remarks>
/// <param name="power">Whether anybody wants frames; always, where it is null.</param>
/// <param name="firstEpoch">Number of the first connection: a stream that is started again must not count from 0 twice.</param>
/// <param name="endsByItself">True for a source played once: its end is the end, and its own faults are thrown.</param>
/// <param name="opening">Whose turn it is to open; null where nobody waits for others.</param>
public sealed partial class ReconnectingSource(
    IFrameSource source, Backoff backoff, bool endsByItself, IConnectionObserver observer,
    TimeProvider time, Random random, ILogger<ReconnectingSource> log, CameraSwitch? power = null, int firstEpoch = 0,
    CameraOpening? opening = null)
{
    /// <summary>How long a loss is kept to ourselves: who stops us may have ended our children first, and then it is no loss.</summary>
    private static readonly TimeSpan Discretion = TimeSpan.FromSeconds(0.5);

    /// <summary>One that never answered has no reboot to wait for, and there may be hundreds.</summary>
    private readonly Backoff _unseen = backoff with { EarlyCeiling = TimeSpan.FromSeconds(10) };

    private readonly Reminder<SourceFault> _warned = new(time);
    private readonly LastSaid<string> _traced = new();
    private Exception? _takerFault;

    /// <summary>How cameras are waited for: those that stay away for minutes are tried every few minutes.</summary>
    public static Backoff CameraBackoff { get; } = new() { Ceiling = TimeSpan.FromMinutes(2) };

    /// <summary>The connection that stands or is being tried.</summary>
    public int Epoch { get; private set; } = firstEpoch;

    /// <summary>Whoever takes the frames could not take the last one: its connection ends, and another one is made.</summary>
    public void Fail(Exception fault) => _takerFault = fault;

    public async IAsyncEnumerable<Frame> ReadAsync(string stream, [EnumeratorCancellation] CancellationToken cancel)
    {
        var (failures, failingSince, wasSeen) = (0, time.GetTimestamp(), false);
        for (; ; Epoch++)
        {
            var epoch = Epoch;
            if (power is { IsOn: false })
            {
                Tell(stream, observer.SwitchedOff);
                await power.WaitUntilOnAsync(cancel);
                failures = 0;
            }

            using var until = CancellationTokenSource.CreateLinkedTokenSource(cancel, power?.Off ?? CancellationToken.None);
            var connectedAt = time.GetTimestamp();
            var hasOpened = false;
            Exception? fault = null;
            IAsyncEnumerator<Frame>? frames = null;
            try
            {
                while (true)
                {
                    try
                    {
                        if (frames is null)
                        {
                            observer.Connecting(epoch);
                            await (opening?.EnterAsync(until.Token) ?? ValueTask.CompletedTask);
                            frames = source.ReadAsync(epoch, until.Token).GetAsyncEnumerator(until.Token);
                        }

                        if (!await frames.MoveNextAsync())
                        {
                            break;
                        }
                    }
                    catch (OperationCanceledException) when (until.IsCancellationRequested)
                    {
                        break; // stopped or switched off
                    }
                    catch (Exception broken)
                    {
                        fault = broken;
                        break;
                    }

                    if (!hasOpened)
                    {
                        hasOpened = wasSeen = true;
                        opening?.Opened();
                    }

                    yield return frames.Current;
                    if (_takerFault is not null)
                    {
                        (fault, _takerFault) = (_takerFault, null);
                        break;
                    }
                }
            }
            finally
            {
                fault ??= await CloseAsync(frames, until.Token);
            }

            cancel.ThrowIfCancellationRequested();
            if (until.IsCancellationRequested)
            {
                continue;
            }

            var cause = Read(fault);
            opening?.Ended(hasOpened, cause?.Fault);
            if (endsByItself && cause?.Fault is not (SourceFault.Crashed or SourceFault.Internal))
            {
                if (cause is not null)
                {
                    throw cause;
                }

                yield break;
            }

            // Success is having lasted, not having yielded a frame: a flapping camera must not reset the backoff.
            var wasHealthy = hasOpened && time.GetElapsedTime(connectedAt) >= backoff.HealthyAfter;
            (failures, failingSince) = wasHealthy || failures == 0 ? (1, time.GetTimestamp()) : (failures + 1, failingSince);
            if (wasHealthy)
            {
                _warned.Forget();
            }

            var delay = (wasSeen ? backoff : _unseen).Delay(
                failures, time.GetElapsedTime(failingSince), random.NextDouble(),
                cause?.Fault is SourceFault.Unauthorized or SourceFault.TooLarge or SourceFault.Memory);
            var kept = delay < Discretion ? delay : Discretion;
            await Task.Delay(kept, time, until.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancel.ThrowIfCancellationRequested();
            Tell(stream, () => observer.Lost(epoch, cause?.Fault));
            Report(stream, epoch, delay, failures, cause);
            await Task.Delay(delay - kept, time, until.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancel.ThrowIfCancellationRequested();
        }
    }

    private static async Task<Exception?> CloseAsync(IAsyncEnumerator<Frame>? frames, CancellationToken until)
    {
        try
        {
            if (frames is not null)
            {
                await frames.DisposeAsync();
            }

            return null;
        }
        catch (Exception broken)
        {
            return broken is OperationCanceledException && until.IsCancellationRequested ? null : broken;
        }
    }

    private static SourceException? Read(Exception? fault) => fault is null or SourceException
        ? (SourceException?)fault
        : new(SourceFault.Internal, $"an error nobody foresaw: {fault.GetType().Name}: {fault.Message}", fault);

    // A word that cannot be passed on is lost; the next one will tell as much.
    private void Tell(string stream, Action word)
    {
        try
        {
            word();
        }
        catch (Exception broken)
        {
            Trace(stream, "its state could not be told", broken);
        }
    }

    private void Report(string stream, int epoch, TimeSpan delay, int failures, SourceException? fault)
    {
        var reason = fault?.Message ?? "the stream ended";
        var level = _warned.IsDue(fault?.Fault ?? SourceFault.Ended) ? LogLevel.Warning : LogLevel.Debug;
        LogReconnecting(level, stream, epoch, reason, delay.TotalSeconds, failures);
        if (fault is { Fault: SourceFault.Internal, InnerException: { } broken })
        {
            Trace(stream, "its connection ended by an error of this program's; please report it", broken);
        }

        if (fault is { Fault: SourceFault.Crashed, Lines.Count: > 0 } && failures == 1)
        {
            LogCrash(stream, string.Join(Environment.NewLine, fault.Lines));
        }
        else if (fault is { Lines.Count: > 0 } && log.IsEnabled(LogLevel.Debug))
        {
            LogLines(stream, string.Join(Environment.NewLine, fault.Lines));
        }
    }

    // With its stack, and once for each place where it happens.
    private void Trace(string stream, string problem, Exception broken)
    {
        if (_traced.IsNews($"{problem} {broken.GetType()} {broken.StackTrace}"))
        {
            LogUnforeseen(broken, stream, problem);
        }
    }

    [LoggerMessage("{Stream}: connection {Epoch} lost: {Reason}; next try in {Delay:0.0} s (failure {Failures} in a row)")]
    private partial void LogReconnecting(LogLevel level, string stream, int epoch, string reason, double delay, int failures);

    [LoggerMessage(LogLevel.Error, "{Stream}: {Problem}")]
    private partial void LogUnforeseen(Exception broken, string stream, string problem);

    [LoggerMessage(LogLevel.Warning, "{Stream}: ffmpeg's last lines before it crashed:\n{Lines}")]
    private partial void LogCrash(string stream, string lines);

    [LoggerMessage(LogLevel.Debug, "{Stream}: ffmpeg's last lines:\n{Lines}")]
    private partial void LogLines(string stream, string lines);
}
