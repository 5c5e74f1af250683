using ActionStream.Ingest.Ffmpeg;
using ActionStream.Ingest.Ffmpeg.Nut;
using ActionStream.Ingest.Packets;
using ActionStream.Ingest.Packets.Pictures;

namespace ActionStream.Ingest.Decoding;

/// <summary>The thread "packet reader": reads one reader child from its first byte to its last,
/// dates each packet and hands it on.</summary>
/// <param name="pace">When a packet of a burst is due; null where they come one by one.</param>
/// <param name="opened">Told of the stream before its first packet.</param>
/// <param name="take">Takes a packet over, on this thread.</param>
internal sealed class PacketReading(
    IFfmpegChild run, Func<CodedStream, PacketClock> clockOf, PacketPace? pace, TimeProvider time,
    Action<CodedStream> opened, Action<Packet> take)
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _packets;

    /// <summary>Completes when the child has closed its output; never fails.</summary>
    public Task Done => _done.Task;

    /// <summary>Packets so far.</summary>
    public long Packets => Volatile.Read(ref _packets);

    /// <summary>Why reading stopped before the end; read after <see cref="Done"/>.</summary>
    public Exception? Fault { get; private set; }

    public bool WasCutOff { get; private set; }

    /// <summary>It stopped because the packets' times no longer grew.</summary>
    public bool TimeStoodStill { get; private set; }

    /// <summary>It stopped because the packets went on as those of another stream: the decoder, the gate and a recording know the first
    /// one. Null where they did not.</summary>
    public (CodedStream Before, CodedStream Now)? Changed { get; private set; }

    public void Start()
    {
        try
        {
            new Thread(Read, maxStackSize: 256 * 1024) { IsBackground = true, Name = "packet reader" }.Start();
        }
        catch
        {
            _done.SetResult(); // this machine has no room for a thread
            throw;
        }
    }

    /// <summary>Nothing is waited for any more.</summary>
    public void Stop() => _stopped.TrySetResult();

    private void Read()
    {
        var nut = new NutPacketReader(run.Output);
        try
        {
            if (nut.ReadHeader() is { } stream)
            {
                opened(stream);
                ReadPackets(nut, stream, clockOf(stream));
            }

            if (TimeStoodStill || Changed is not null)
            {
                run.Kill(); // it has not ended, and may be silent from here on
            }
        }
        catch (Exception broken)
        {
            Fault = broken; // whatever it is: on a thread of its own it would end the process
            run.Kill(); // and it may be silent from here on
        }
        finally
        {
            WasCutOff = nut.WasCutOff;
            Drain();
            _done.SetResult();
        }
    }

    private void ReadPackets(NutPacketReader nut, CodedStream stream, PacketClock clock)
    {
        var (standing, parameters) = (new StandingTime(time), new ParameterSets(stream));
        while (nut.TryRead(out var head))
        {
            if (!ReferenceEquals(nut.Stream, stream))
            {
                Changed = (stream, nut.Stream!);
                return;
            }

            if (pace?.WaitFor(head.Presentation) is { Ticks: > 0 } wait && IsStoppedWithin(wait))
            {
                return;
            }

            var arrived = time.GetTimestamp();
            var packet = new Packet(head.Length)
            {
                Presentation = clock.Date(head.Presentation, arrived),
                ArrivedAt = arrived,
                IsKey = head.IsKey,
            };
            if (!nut.TryReadBytes(packet.Bytes))
            {
                packet.Dispose();
                return;
            }

            packet.Parameters = parameters.Take(packet.Bytes);
            Volatile.Write(ref _packets, _packets + 1);
            TimeStoodStill = standing.Stands(packet.Presentation, arrived);
            take(packet);
            if (TimeStoodStill)
            {
                return;
            }
        }
    }

    private bool IsStoppedWithin(TimeSpan wait)
    {
        _stopped.Task.WaitAsync(wait, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing).GetAwaiter().GetResult();
        return _stopped.Task.IsCompleted;
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
