using ActionStream.Ingest.Ffmpeg;
using ActionStream.Ingest.Packets;
using ActionStream.Ingest.Packets.Gating;
using ActionStream.Ingest.Packets.Pictures;
using ActionStream.Ingest.Sources;

namespace ActionStream.Ingest.Decoding;

/// <summary>What all connections to one camera have in common.</summary>
/// <param name="Name">The address without credentials.</param>
/// <param name="Picture">What its frames must be.</param>
/// <param name="Reach">How far before what wakes it decoding must begin: a window and what smooths its scores.</param>
/// <param name="GateFor">Makes the gate of one connection.</param>
/// <param name="Votes">Who outside of the stream wants it awake, now.</param>
/// <param name="Sleep">Is told what the gate says.</param>
internal sealed record PacketCamera(
    string Stream, string Name, SourceOptions Options, FrameSpec Picture, TimeSpan Reach, FfmpegEnvironment Environment,
    IFrameCounter Counter, Func<CodedStream, IPictureReader?, IGate> GateFor, Func<WakeReasons> Votes, ISleepObserver Sleep)
{
    /// <summary>The earliest that what wakes a camera may have begun before it does.</summary>
    public static readonly TimeSpan LongestSince = TimeSpan.FromSeconds(5);

    /// <summary>How far a decoder may fall behind its camera before packets are left out.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>Most bytes of packets held: ten seconds of 16 Mbit/s.</summary>
    public const long RingBytes = 20_000_000;

    /// <summary>Decoders that may end before their first frame, one after the other.</summary>
    public const int MostDecodersInARow = 2;

    /// <summary>How long a decoder's end is kept to ourselves.</summary>
    public static readonly TimeSpan Discretion = TimeSpan.FromSeconds(0.2);

    public TimeProvider Time => Environment.Time;

    /// <summary>Whose times are believed.</summary>
    public PacketClock ClockOf(CodedStream stream) => new(FrameTimes.AreInvented(Options, stream), Time);
}
