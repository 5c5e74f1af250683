using ActionStream.Core.Media;

namespace ActionStream.Ingest.Packets.Gating;

/// <summary>For cameras that must not sleep: everything is decoded.</summary>
/// <param name="reason">Why.</param>
public sealed class AlwaysAwake(WakeReasons reason) : IGate
{
    public GateStep Take(in CodedPicture picture, WakeReasons votes) => new(reason | votes, IsHeartbeat: false, Since: null);

    public void Look(ReadOnlySpan<byte> pixels, FrameSize size, TimeSpan presentation, bool isHeartbeat)
    {
        // Nothing would follow from it.
    }
}
