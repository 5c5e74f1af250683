using System.Runtime.ExceptionServices;
using ActionStream.Core.Media;
using ActionStream.Core.Stages;
using ActionStream.Ingest.Ffmpeg;
using ActionStream.Ingest.Packets;
using ActionStream.Ingest.Packets.Gating;
using ActionStream.Ingest.Packets.Pictures;
using ActionStream.Ingest.Sources;
using Microsoft.Extensions.Logging;

namespace ActionStream.Ingest.Decoding;

/// <summary>One connection to a camera: its packets are read, kept for a while, and decoded as far as its gate wants.</summary>
/// <remarks>The decoder is a child of its own. One that dies or hangs is replaced: the camera's connection does not notice, and the
/// new one begins early enough in the ring that no frame is missing.</remarks>
internal sealed partial class PacketConnection(
    PacketCamera camera, IFfmpegChild reader, FfmpegTool tool, string? hwaccel, int epoch, DecodingChoice decoding, IPacketSink? sink,
    ILogger log) : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource<CodedStream?> _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly PacketRing _ring = new(camera.Reach + PacketCamera.LongestSince, PacketCamera.RingBytes);
    private readonly DamageSpan _damage = new(camera.Options.Quality.DamagedFor);
    private readonly FormatSpan _format = new();
    private DecoderFeed _feed = null!;
    private PacketSwitch? _switch;
    private IGate _gate = null!;
    private PacketReading _reading = null!;
    private FrameHandover _frames = null!;
    private DecoderWatch _watch = null!;
    private Task _decoders = Task.CompletedTask;
    private Task _completes = Task.CompletedTask;
    private volatile DecoderChild? _decoder;
    private DecodedSpan? _span;
    private long _complaints;
    private long _linesSeen;
    private long _leftOut;
    private DecoderChild? _given;
    private long _delivered;
    private SourceException? _fault;

    /// <summary>Packets that came, from the first one on, decodable or not.</summary>
    public long Packets => _reading.Packets;

    /// <summary>True once a picture came with which decoding could begin.</summary>
    public bool HasBegun => _switch?.HasBegun == true;

    /// <summary>Why it ended, where that is not the reader's doing; null otherwise.</summary>
    public SourceException? Fault => Volatile.Read(ref _fault);

    public PacketReading Reading => _reading;

    /// <summary>What the decoder wrote to standard error.</summary>
    public IReadOnlyList<string> DecoderLines => _decoder?.Run.Lines ?? [];

    /// <summary>Ends when the connection has: the reader child with its last packet, the decoder with its last frame.</summary>
    public Task Done => Task.WhenAll(_reading.Done, _decoders);

    public void Start(FrameHandover frames)
    {
        _frames = frames;
        _feed = new(_ring, camera.Picture.Interval, camera.Options.IsPaced ? PacketCamera.Patience : null);
        _watch = new(
            camera.Options.StallTimeout > 3 * camera.Picture.Interval ? camera.Options.StallTimeout : 3 * camera.Picture.Interval,
            camera.Time);
        _reading = new(
            reader, stream => camera.ClockOf(stream), camera.Options.IsSegmented ? new(camera.Time) : null, camera.Time, Open, Take);
        _reading.Start();
        _decoders = DecodeAsync();
        _completes = CompleteAsync();
    }

    /// <summary>Ends both children.</summary>
    public void Stop()
    {
        _stop.Cancel();
        _reading.Stop();
        _feed.Complete();
        reader.Kill();
        _decoder?.Run.Kill();
        _frames.Complete();
    }

    public async ValueTask DisposeAsync()
    {
        Stop();
        await Done;
        await _completes;
        _feed.Dispose();
        _ring.Dispose();
        _stop.Dispose();
        CountLeftOut();
    }

    private void Open(CodedStream stream)
    {
        var pictures = PictureReaders.For(stream);
        _gate = camera.GateFor(stream, pictures);
        _feed.IsAllKeys = stream.Codec == VideoCodec.Mjpeg;
        _switch = new(
            _ring, _feed, _gate, pictures, camera.Picture.Interval, camera.Reach, camera.Votes,
            new(camera.Sleep, camera.Reach + PacketCamera.LongestSince));
        sink?.Begin(stream);
        _opened.SetResult(stream);
    }

    private void Take(Packet packet)
    {
        try
        {
            sink?.Add(packet);
        }
        catch
        {
            packet.Dispose();
            throw;
        }

        _switch!.Take(packet);
        CountLeftOut();
        if (_decoder is { } decoder && _decoder != _given && Volatile.Read(ref _delivered) > 0 && _watch.IsHung())
        {
            _given = decoder;
            LogHung(camera.Stream);
            decoder.Run.Kill();
        }
        else if (_decoder is { } beginner && Volatile.Read(ref _delivered) == 0 && beginner.Run.LineCount > _linesSeen)
        {
            _linesSeen = beginner.Run.LineCount;
            if (FfmpegFaults.Refusal(camera.Name, beginner.Run.Lines, gaveFrames: false) is { } refusal)
            {
                End(refusal);
                beginner.Run.Kill();
            }
        }
    }

    private void CountLeftOut()
    {
        if (_feed.LeftOut is var leftOut && leftOut > _leftOut)
        {
            camera.Counter.DecoderLeftOut(leftOut - _leftOut);
            _leftOut = leftOut;
        }
    }

    // Nothing more will be decoded, and whoever hands packets on must not wait for that; what ended it first is why.
    private void End(SourceException? fault)
    {
        if (fault is not null)
        {
            Interlocked.CompareExchange(ref _fault, fault, null);
        }

        _reading.Stop();
        _feed.Complete();
        reader.Kill();
    }

    // The reader has ended: the decoder gets what is left, and then its end.
    private async Task CompleteAsync()
    {
        await _reading.Done;
        _opened.TrySetResult(null);
        _feed.Complete();
    }

    private async Task DecodeAsync()
    {
        try
        {
            if (await _opened.Task is { } stream)
            {
                await DecodeAsync(stream);
            }
        }
        catch (SourceException fault)
        {
            End(fault);
        }
        catch (Exception broken)
        {
            Unforeseen = ExceptionDispatchInfo.Capture(broken);
            End(fault: null);
        }
        finally
        {
            _frames.Complete();
        }
    }

    /// <summary>What nobody foresaw, with its stack; null otherwise.</summary>
    public ExceptionDispatchInfo? Unforeseen { get; private set; }

    private async Task DecodeAsync(CodedStream stream)
    {
        for (var inARow = 0; !_stop.IsCancellationRequested;)
        {
            await using var run = camera.Environment.Launcher.Start(
                tool, FfmpegArguments.BuildDecoder(camera.Options, camera.Picture, tool.Number, hwaccel), decoding.MemoryOf(hwaccel));
            await using var kill = _stop.Token.Register(run.Kill); // it may have been told before there was one
            var before = _delivered;
            var decoder = new DecoderChild(run, stream, _feed, camera.Picture.Size, camera.Environment.Pool, _watch, Deliver);
            _watch.Begin();
            Volatile.Write(ref _linesSeen, 0);
            _decoder = decoder;
            decoder.Start();
            await decoder.Done;
            var end = await DecoderEnd.ReadAsync(decoder, camera.Name, _delivered > before, camera.Time);
            camera.Counter.StderrLines(run.LineCount);
            _complaints += run.Complaints;
            if (_stop.IsCancellationRequested || (end is null && _reading.Done.IsCompleted))
            {
                return;
            }

            end ??= new(SourceFault.Crashed, "the decoder ended by itself");
            if (Fault is not null || (!DecoderEnd.IsOfTheStream(end) && await EndsWithUsAsync()))
            {
                return;
            }

            if (decoding.GiveUp(hwaccel, _delivered > before, end))
            {
                hwaccel = null;
            }
            else if (DecoderEnd.IsOfTheStream(end) || (inARow = _delivered > before ? 1 : inARow + 1) > PacketCamera.MostDecodersInARow)
            {
                throw end;
            }

            camera.Counter.DecoderReplaced(end.Fault);
            LogReplaced(camera.Stream, end.Message);
            _feed.StartOver();
        }
    }

    // Who ends all of our children, ends a decoder too, and then it is no loss.
    private async Task<bool> EndsWithUsAsync()
    {
        await _reading.Done.WaitAsync(PacketCamera.Discretion, camera.Time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return _stop.IsCancellationRequested || _reading.Done.IsCompleted;
    }

    // On the frame reader's thread; whoever waits for frames works right here. The frame is disposed by whoever made it if this throws.
    private bool Deliver(DecodedFrame decoded)
    {
        var (presentation, arrivedAt, span, _) = decoded.Picture;
        if (presentation <= span.After)
        {
            _watch.HandsOver(isBegin: false);
            decoded.Pixels.Dispose();
            return true;
        }

        var frame = new Frame(new FrameTime(epoch, presentation, arrivedAt), camera.Picture.Size, decoded.Pixels)
        {
            IsDamaged = _damage.Covers(decoded.At, reader.Complaints + _complaints + decoded.From.Run.Complaints),
            BeginsFormat = _format.Begins(decoded.At, decoded.From.Run.FormatChangedAt),
            IsHeartbeat = span.IsHeartbeat,
            EndsSleep = span.EndsSleep && span != _span,
        };
        if (!span.IsHeartbeat)
        {
            _span = span;
        }

        _gate.Look(frame.Pixels, frame.Size, presentation, span.IsHeartbeat);
        Interlocked.Increment(ref _delivered);
        _watch.HandsOver(isBegin: true);
        var isWanted = _frames.Write(frame);
        _watch.HandsOver(isBegin: false);
        return isWanted;
    }

    [LoggerMessage(LogLevel.Warning, "{Stream}: its decoder takes packets and gives no frame; it is replaced")]
    private partial void LogHung(string stream);

    [LoggerMessage(LogLevel.Warning, "{Stream}: its decoder is replaced: {Reason}")]
    private partial void LogReplaced(string stream, string reason);
}
