using ActionStream.Ingest.Decoding;
using ActionStream.Ingest.Ffmpeg;
using ActionStream.Ingest.Packets;
using ActionStream.Ingest.Packets.Gating;
using ActionStream.Ingest.Packets.Pictures;
using ActionStream.Ingest.Sources;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActionStream.Ingest.Probing;

/// <summary>Watches a live camera as the service does, packets first: what comes, and how it would sleep with a window and events of the
/// usual length.</summary>
internal sealed class PacketWatch(SourceOptions source, FrameSpec frameSpec, FfmpegEnvironment environment) : IPacketKeeper, IPacketSink
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(2);

    private readonly SleepTally _sleep = new(environment.Time);
    private readonly CancellationTokenSource _enough = new();
    private TimeSpan _length;
    private long _began;

    /// <summary>What came; nothing where its packets cannot be handed on.</summary>
    public PacketLog Packets { get; } = new();

    public SleepFacts? Sleep => _sleep.Facts;

    /// <param name="length">How long to look from the first packet on.</param>
    /// <exception cref="SourceException">Nothing came, with the reason.</exception>
    public async Task LookAsync(TimeSpan length, CancellationToken cancel)
    {
        (_length, _began) = (length, environment.Time.GetTimestamp());
        using var end = CancellationTokenSource.CreateLinkedTokenSource(_enough.Token, cancel);
        var packets = new PacketSource(
            new(
                "probe", FfmpegArguments.AddressOf(source).Safe, source, frameSpec, Window + TimeSpan.FromSeconds(1), environment,
                new Uncounted(), GateFor, () => WakeReasons.None, _sleep),
            () => new NoFrames(), this, NullLogger<PacketSource>.Instance);
        try
        {
            var guarded = StallGuard.For(packets, source, frameSpec.Interval, environment.Time);
            await foreach (var frame in guarded.ReadAsync(0, end.Token))
            {
                frame.Dispose();
            }
        }
        catch (Exception over) when (over is OperationCanceledException or SourceException && !cancel.IsCancellationRequested
            && Packets.Packets.Count > 0)
        {
            // Seen enough, or it came to its end.
        }
    }

    IPacketSink IPacketKeeper.Begin(int epoch) => this;

    void IPacketKeeper.Refuse(string reason)
    {
        // The report has no packets then.
    }

    void IPacketSink.Begin(CodedStream stream) => Packets.LacksTimes = FrameTimes.AreInvented(source, stream);

    void IPacketSink.Add(Packets.Packet packet)
    {
        var arrived = environment.Time.GetElapsedTime(_began, packet.ArrivedAt);
        Packets.Add(packet.Presentation, packet.IsKey, packet.Length, arrived);
        if (arrived - Packets.Packets[0].ArrivedAt >= _length)
        {
            _enough.Cancel();
        }
    }

    // The connection is over; whoever made this keeps what it saw.
    void IDisposable.Dispose()
    {
    }

    private static IGate GateFor(CodedStream stream, IPictureReader? pictures) => pictures is null
        ? new AlwaysAwake(WakeReasons.Unreadable)
        : new PacketGate(
            stream.Codec, stream.Size, new GateOptions { Quiet = GateOptions.QuietFor(Window, TimeSpan.FromSeconds(0.5)) });

    private sealed class NoFrames : IFrameSource
    {
        public async IAsyncEnumerable<Core.Media.Frame> ReadAsync(
            int epoch, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
        {
            await Task.CompletedTask;
            yield break;
        }
    }
}
