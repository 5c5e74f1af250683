using ActionStream.Core.Media;

namespace ActionStream.Ingest.Packets.Gating;

/// <summary>What is to be done with a packet.</summary>
/// <param name="Reasons">Why the camera is awake; <see cref="WakeReasons.None"/>: it is asleep.</param>
/// <param name="IsHeartbeat">Asleep, and this key picture is to be decoded and shown to <see cref="IGate.Look"/>.</param>
/// <param name="Since">With this packet it woke: the earliest place in the stream where what woke
/// it may have begun; null otherwise.</param>
public readonly record struct GateStep(WakeReasons Reasons, bool IsHeartbeat, TimeSpan? Since)
{
    public bool IsAwake => Reasons != WakeReasons.None;
}

/// <summary>Decides for one camera whether anything may be happening, in the stream's own time, so that every run over the same packets
/// decides the same. Not thread-safe but for <see cref="Look"/>.</summary>
public interface IGate
{
    /// <summary>Told of every packet in decoding order, awake or asleep.</summary>
    /// <param name="votes">Who outside of the stream wants the camera awake.</param>
    GateStep Take(in CodedPicture picture, WakeReasons votes);

    /// <summary>Shown every sampled frame while awake, and every heartbeat while asleep; on another thread than
    /// <see cref="Take"/>. One that differs from those before wakes the camera with the next packet.</summary>
    /// <param name="pixels">[H, W, 3], rgb24, of the model's size.</param>
    void Look(ReadOnlySpan<byte> pixels, FrameSize size, TimeSpan presentation, bool isHeartbeat);
}
