using System.Globalization;
using System.Runtime.CompilerServices;
using ActionStream.Core.Media;

namespace ActionStream.Ingest.Sources;

/// <summary>
/// Gives up on a connection that is open but silent. Cameras do that more often than they hang up.
/// </summary>
/// <param name="connect">How long the first frame may take.</param>
/// <param name="patience">How long any later one may take.</param>
public sealed class StallGuard(
    IFrameSource source, TimeSpan connect, TimeSpan patience, TimeProvider time) : IFrameSource
{
    /// <summary>How long a key frame is waited for once it is known that one is all that lacks.</summary>
    public static readonly TimeSpan KeyFrameWait = TimeSpan.FromSeconds(60);

    /// <summary>The longest segments that are usual.</summary>
    public static readonly TimeSpan UsualSegment = TimeSpan.FromSeconds(10);

    /// <summary>By how much a timer may go off too early.</summary>
    private static readonly TimeSpan Early = TimeSpan.FromSeconds(0.1);

    /// <summary>Segments that a playlist may be silent for: it is told of one when it is whole, and asked once in a while.</summary>
    private const int Segments = 3;

    /// <summary>Asks how long the source's segments are; null where it has none.</summary>
    public Func<CancellationToken, Task<TimeSpan?>>? SegmentLength { get; init; }

    /// <summary>Is told that packets come and no key frame does; it is waited for.</summary>
    public Action? LacksKeyFrame { get; init; }

    /// <summary>With the patience that a camera's settings ask for.</summary>
    /// <param name="interval">Sampling interval: a source that is thinned to one frame in ten seconds is not silent after five.</param>
    public static StallGuard For(
        IFrameSource source, SourceOptions options, TimeSpan interval, TimeProvider time, Action? lacksKeyFrame = null)
    {
        var patience = Longest(options.StallTimeout, 3 * interval);
        return new(source, Longest(options.ConnectTimeout, patience), patience, time)
        {
            LacksKeyFrame = lacksKeyFrame,
            SegmentLength = options.IsSegmented ? cancel => Playlist.SegmentLengthAsync(options.Url, cancel) : null,
        };
    }

    public async IAsyncEnumerable<Frame> ReadAsync(int epoch, [EnumeratorCancellation] CancellationToken cancel)
    {
        using var silence = new CancellationTokenSource();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, silence.Token);
        var (isFirst, lacksKeyFrame, hasCeased) = (true, false, false);
        var (packets, waited, left) = (0L, TimeSpan.Zero, KeyFrameWait - connect);
        Exception? unforeseen = null;
        var waitsSince = 0L; // 0: for nothing
        ITimer timer = null!;
        await using var owned = timer = time.CreateTimer(_ => Over(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        var segment = SegmentLength?.Invoke(either.Token);
        await using var frames = source.ReadAsync(epoch, either.Token).GetAsyncEnumerator(either.Token);
        for (; ; isFirst = false)
        {
            var wait = isFirst ? Longest(connect, WaitFor(segment)) : Longest(patience, WaitFor(segment));
            packets = source.Packets;
            Wait(wait);
            try
            {
                if (!await frames.MoveNextAsync())
                {
                    yield break;
                }
            }
            catch (OperationCanceledException) when (silence.IsCancellationRequested && !cancel.IsCancellationRequested)
            {
                throw unforeseen ?? Fault(isFirst, lacksKeyFrame, hasCeased, wait);
            }

            Volatile.Write(ref waitsSince, 0); // a slow reader is not a silent camera
            timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            yield return frames.Current;
        }

        void Wait(TimeSpan length)
        {
            waited = length;
            Volatile.Write(ref waitsSince, time.GetTimestamp());
            timer.Change(length, Timeout.InfiniteTimeSpan);
        }

        void Over()
        {
            // A frame may come while the timer goes off: then this is of a wait that is over.
            if (Volatile.Read(ref waitsSince) is var since && (since == 0 || time.GetElapsedTime(since) < waited - Early))
            {
                return;
            }

            var isSending = source.Packets > packets;
            packets = source.Packets;
            if (!isFirst && isSending)
            {
                Wait(waited); // it sends, and nobody wants frames of it
                return;
            }

            // Who counts no packets cannot tell that they have ceased.
            hasCeased = lacksKeyFrame && packets > 0 && !isSending;
            if (!isFirst || !source.HasPackets || hasCeased || left <= TimeSpan.Zero)
            {
                silence.Cancel();
                return;
            }

            try
            {
                if (!lacksKeyFrame)
                {
                    lacksKeyFrame = true;
                    LacksKeyFrame?.Invoke();
                }

                var next = packets > 0 && patience < left ? patience : left;
                left -= next;
                Wait(next);
            }
            catch (Exception broken)
            {
                unforeseen = broken; // on a timer's thread it would end the process
                silence.Cancel();
            }
        }
    }

    private SourceException Fault(bool isFirst, bool lacksKeyFrame, bool hasCeased, TimeSpan waited) => (isFirst, hasCeased) switch
    {
        (false, _) => new(SourceFault.Stalled, $"no frame for {Seconds(waited)} s on an open connection"),
        (_, true) => new(SourceFault.Timeout, $"no packet for {Seconds(patience)} s, and no key frame among those before"),
        _ when !lacksKeyFrame && !source.HasPackets =>
            new(SourceFault.Timeout, $"no frame within {Seconds(waited)} s of connecting"),
        _ => new(
            SourceFault.NoKeyFrame,
            $"packets arrive, no key frame for {Seconds(lacksKeyFrame ? KeyFrameWait : waited)} s; "
            + "lower the camera's key-frame interval (I-frame interval, GOV) to 1 or 2 s"),
    };

    private static TimeSpan WaitFor(Task<TimeSpan?>? segment) =>
        segment is null ? TimeSpan.Zero : Segments * ((segment.IsCompletedSuccessfully ? segment.Result : null) ?? UsualSegment);

    private static TimeSpan Longest(params ReadOnlySpan<TimeSpan> spans)
    {
        var longest = TimeSpan.Zero;
        foreach (var span in spans)
        {
            longest = span > longest ? span : longest;
        }

        return longest;
    }

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.#", CultureInfo.InvariantCulture);
}
