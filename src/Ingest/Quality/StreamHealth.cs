using ActionStream.Core.Results;

namespace ActionStream.Ingest.Quality;

/// <summary>Which lasting fault a camera's frames have: most of the last few seconds had it, and it is over when few have.</summary>
/// <remarks>A single smear or a dark second is no news; three seconds of them are. A frozen frame has
/// been watched for longer already.</remarks>
internal sealed class StreamHealth
{
    private static readonly TimeSpan Memory = TimeSpan.FromSeconds(3);

    private Lasting _dark;
    private Lasting _damaged;

    /// <summary>Takes the next frame's marks and gives the word for the camera's status; null while all is well.</summary>
    public string? Update(FrameMarks marks, TimeSpan sinceLast)
    {
        var weight = 1 - Math.Exp(-sinceLast / Memory);
        _dark.Update((marks & FrameMarks.Dark) != 0, weight);
        _damaged.Update((marks & FrameMarks.Damaged) != 0, weight);

        // Black frames are often equal ones too, and frozen ones often smeared: the word that tells more comes first.
        return _dark.IsOn ? StreamReasons.Dark
            : (marks & FrameMarks.Frozen) != 0 ? StreamReasons.Frozen
            : _damaged.IsOn ? StreamReasons.Corrupt
            : null;
    }

    public void Reset() => (_dark, _damaged) = (default, default);

    /// <summary>The share of frames with one fault lately, and whether it is one that lasts.</summary>
    private struct Lasting
    {
        private const double Enter = 0.6;
        private const double Leave = 0.3;

        private double _share;

        public bool IsOn { get; private set; }

        public void Update(bool isMarked, double weight)
        {
            _share += weight * ((isMarked ? 1 : 0) - _share);
            IsOn = IsOn ? _share > Leave : _share >= Enter;
        }
    }
}
