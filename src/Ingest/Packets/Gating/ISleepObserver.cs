namespace ActionStream.Ingest.Packets.Gating;

/// <summary>Is told what the gate makes of one camera, so that its owner hears of it and it is counted.</summary>
/// <remarks>Called on the thread of the packets: be quick, do not throw.</remarks>
public interface ISleepObserver
{
    /// <summary>What the gate says from here on. The same again is no news and costs nothing.</summary>
    /// <param name="reasons">Why the camera is awake; <see cref="WakeReasons.None"/>: it is asleep.</param>
    void Gated(WakeReasons reasons);

    /// <summary>It slept for so long, in the stream's time, since the last call.</summary>
    void Slept(TimeSpan time);

    /// <summary>So much of the stream went by and will not be decoded any more.</summary>
    void NotDecoded(TimeSpan time);

    /// <summary>A key frame is decoded of a camera that is asleep.</summary>
    void DecodesHeartbeat();
}
