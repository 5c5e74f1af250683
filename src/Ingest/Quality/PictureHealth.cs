using ActionStream.Core.Results;

namespace ActionStream.Ingest.Quality;

/// <summary>Which lasting fault a camera's pictures have: most of the last few seconds had it, and it is over when few have.</summary>
/// <remarks>A single smear or a dark second is no news; three seconds of them are. A frozen picture has been watched for longer already.</remarks>
internal sealed class PictureHealth
{
    private static readonly TimeSpan Memory = TimeSpan.FromSeconds(3);

    private Lasting _dark;
    private Lasting _damaged;

    /// <summary>Takes the next picture's marks and gives the word for the camera's status; null while all is well.</summary>
    public string? Update(PictureMarks marks, TimeSpan sinceLast)
    {
        var weight = 1 - Math.Exp(-sinceLast / Memory);
        _dark.Update((marks & PictureMarks.Dark) != 0, weight);
        _damaged.Update((marks & PictureMarks.Damaged) != 0, weight);

        // Black pictures are often equal ones too, and frozen ones often smeared: the word that tells more comes first.
        return _dark.IsOn ? StreamReasons.Dark
            : (marks & PictureMarks.Frozen) != 0 ? StreamReasons.Frozen
            : _damaged.IsOn ? StreamReasons.Corrupt
            : null;
    }

    public void Reset() => (_dark, _damaged) = (default, default);

    /// <summary>The share of pictures with one fault lately, and whether it is one that lasts.</summary>
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
