using System.Buffers;
using ActionStream.Core.Media;
using ActionStream.Ingest.Ffmpeg;
using ActionStream.Ingest.Ffmpeg.Nut;
using ActionStream.Ingest.Packets;

namespace ActionStream.Ingest.Decoding;

/// <summary>One decoder at work: the thread "decoder feeder" writes to it what the feed gives, the thread
/// "frame reader" reads what comes out.</summary>
/// <param name="run">The child; whoever made this disposes it.</param>
/// <param name="deliver">Gets each frame on the frame reader's thread; false when no more are wanted. Where it throws, it has not taken
/// the frame over.</param>
internal sealed class DecoderChild(
    IFfmpegChild run, CodedStream stream, DecoderFeed feed, FrameSize size, PixelPool pool, DecoderWatch watch,
    Func<DecodedFrame, bool> deliver)
{
    private readonly TaskCompletionSource _fed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    /// <summary>More than any codec reorders.</summary>
    private const int MostCompany = 16;

    private readonly BrokenLink _link = new(stream);
    private ReadOnlyMemory<byte> _parameters; // that it was given
    private volatile bool _isOver;
    private Exception? _feedFault;
    private Exception? _readFault;

    /// <summary>Completes when the child has closed its output and nothing is written to it any more; never fails.</summary>
    public Task Done => Task.WhenAll(_fed.Task, _done.Task);

    public IFfmpegChild Run => run;

    /// <summary>Why feeding or reading stopped before the end; read after <see cref="Done"/>.</summary>
    public Exception? Fault => _feedFault ?? _readFault;

    public bool WasCutOff { get; private set; }

    public void Start()
    {
        Begin(Feed, "decoder feeder");
        Begin(Read, "frame reader");
    }

    private static void Begin(ThreadStart work, string name) =>
        new Thread(work, maxStackSize: 256 * 1024) { IsBackground = true, Name = name }.Start();

    private void Feed()
    {
        try
        {
            var nut = new NutWriter(run.Input!);
            var isWanted = () => !_isOver;
            nut.WriteHeader(stream);
            while (feed.TryTake(isWanted, out var next))
            {
                using (next.Packet)
                {
                    watch.Writes(isBegin: true);
                    Write(nut, next);
                    watch.Writes(isBegin: false, next.IsAlone);
                }
            }

            run.Input!.Dispose(); // it decodes what it has, and ends
        }
        catch (Exception broken) when (broken is IOException or ObjectDisposedException)
        {
            // It is gone; what it says and how it ended is read elsewhere.
        }
        catch (Exception broken)
        {
            _feedFault = broken; // on a thread of its own it would end the process
            run.Kill();
        }
        finally
        {
            _fed.SetResult();
        }
    }

    // A codec that reorders holds a picture back until as many others have come. One that comes alone is its own company: the copies
    // are of times that nobody asks for.
    private void Write(NutWriter nut, in NextPacket next)
    {
        var company = next.IsAlone ? Math.Min(stream.DecodeDelay, MostCompany) : 0;
        for (var copy = 0; copy <= company; copy++)
        {
            Write(nut, next, next.At + TimeSpan.FromTicks(copy));
        }
    }

    private void Write(NutWriter nut, in NextPacket next, TimeSpan at)
    {
        // Those that came with packets which it was not given; and once, needlessly, those that its first one brings itself.
        var sets = next.Packet.Parameters.Equals(_parameters) ? default : next.Packet.Parameters.Span;
        _parameters = next.Packet.Parameters;
        if (!next.IsBreak || !_link.IsNeeded(next.Packet.Bytes))
        {
            nut.Write(at, next.Packet.IsKey, next.Packet.Bytes, sets);
            return;
        }

        var bytes = ArrayPool<byte>.Shared.Rent(next.Packet.Length);
        var picture = bytes.AsSpan(0, next.Packet.Length);
        next.Packet.Bytes.CopyTo(picture);
        _link.Mark(picture);
        nut.Write(at, next.Packet.IsKey, picture, sets);
        ArrayPool<byte>.Shared.Return(bytes);
    }

    private void Read()
    {
        var nut = new NutReader(run.Output, size, pool);
        try
        {
            while (nut.Read(out var at) is { } pixels)
            {
                if (feed.CameOut(at) is not { } picture)
                {
                    pixels.Dispose(); // of a time that nobody gave it
                    continue;
                }

                if (!IsDelivered(new(picture, at, pixels, this)))
                {
                    run.Kill(); // nobody will take its output any more
                    break;
                }
            }
        }
        catch (Exception broken)
        {
            _readFault = broken; // likewise
            run.Kill();
        }
        finally
        {
            WasCutOff = nut.WasCutOff;
            _isOver = true;
            feed.Stir();
            Drain();
            _done.SetResult();
        }
    }

    private bool IsDelivered(in DecodedFrame frame)
    {
        try
        {
            return deliver(frame);
        }
        catch
        {
            frame.Pixels.Dispose();
            throw;
        }
    }

    // Reading stopped before the end: the child must go, and cannot while it waits for someone to take its output.
    private void Drain()
    {
        try
        {
            for (Span<byte> rest = stackalloc byte[4096]; run.Output.Read(rest) > 0;)
            {
                run.Kill();
            }
        }
        catch (Exception)
        {
            // Gone: what we wanted. Or as broken as it was, and then it is ended with the connection.
        }
    }
}
