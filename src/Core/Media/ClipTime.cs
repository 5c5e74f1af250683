namespace ActionStream.Core.Media;

/// <summary>Where a clip lies in its stream and when it passed each stage; rides along so that every
/// message can say where time went.</summary>
/// <param name="Epoch">The connection all its frames came from.</param>
/// <param name="Segment">Counts the gaps within an epoch; a clip never spans one.</param>
/// <param name="FirstIndex">Grid index of its first sampled frame.</param>
/// <param name="Start">Presentation time of its first frame.</param>
/// <param name="End">Presentation time of its last frame.</param>
/// <param name="CaptureDelay">How much later than the stream's own clock the last frame arrived, against the fastest frame
/// of the last minutes of its epoch.</param>
/// <param name="ArrivedAt">Time stamp when the last frame had been read.</param>
/// <param name="ReadyAt">Time stamp when the clip had been assembled.</param>
public readonly record struct ClipTime(
    int Epoch, int Segment, long FirstIndex, TimeSpan Start, TimeSpan End, TimeSpan CaptureDelay, long ArrivedAt, long ReadyAt)
{
    /// <summary>Its last frame came before the camera woke, and was decoded only then: it is late by our own choice, and still
    /// wanted.</summary>
    public bool IsBeforeWaking { get; init; }
}
