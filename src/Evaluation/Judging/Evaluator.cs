using System.Globalization;
using ActionStream.Core.Results;
using ActionStream.Core.Stages;
using ActionStream.Evaluation.Replaying;
using ActionStream.Ingest.Sources;
using ActionStream.Publish.Events;

namespace ActionStream.Evaluation.Judging;

/// <summary>Plays labelled clips as `replay` does and judges what the model says about them.</summary>
/// <param name="bySegment">One verdict for each labelled segment, rather than one for each clip.</param>
internal sealed class Evaluator(Replay replay, LabelMapping mapping, int background, bool bySegment)
{
    private readonly List<Verdict> _verdicts = [];
    private readonly List<QuietClip> _quiet = [];
    private readonly List<Unjudged> _failed = [];
    private readonly List<Unjudged> _unjudged = [];
    private readonly SortedDictionary<string, int> _unknown = new(StringComparer.Ordinal);
    private int _leftOut;

    /// <summary>How far it is.</summary>
    public (int Done, string Name) Progress { get; private set; } = (0, "");

    public Findings Run(IReadOnlyList<LabelledVideo> clips, CancellationToken cancel)
    {
        var windows = 0L;
        foreach (var (done, clip) in clips.Index())
        {
            Progress = (done, clip.Name);
            var (fate, label) = mapping.Of(clip.Label);
            _leftOut += fate is Fate.LeftOut or Fate.Quiet ? 1 : 0;
            if (fate == Fate.Unknown)
            {
                _unknown[clip.Label] = _unknown.GetValueOrDefault(clip.Label) + 1;
            }

            var isQuiet = fate == Fate.Quiet || (fate == Fate.Judged && label == background);
            var items = Items(clip).ToList();
            if (items.Count > 0 || isQuiet)
            {
                windows += Play(clip, items, isQuiet, cancel);
            }
        }

        return new(_verdicts, _quiet, _failed, _unjudged, _leftOut, _unknown, windows);
    }

    /// <summary>What is to be judged: labels that the model knows, each with its segments.</summary>
    internal IEnumerable<(int Label, Segment? Segment, IReadOnlyList<Segment> Within)> Items(LabelledVideo clip)
    {
        if (bySegment && clip.Segments.Count > 0)
        {
            foreach (var segment in clip.Segments)
            {
                if (mapping.Of(segment.Label) is (Fate.Judged, var known))
                {
                    yield return (known, segment, [segment]);
                }
            }
        }
        else if (mapping.Of(clip.Label) is (Fate.Judged, var known))
        {
            yield return (known, null, [.. clip.Segments.Where(segment => segment.Label == clip.Label)]);
        }
    }

    private long Play(
        LabelledVideo clip, List<(int Label, Segment? Segment, IReadOnlyList<Segment> Within)> items, bool isQuiet,
        CancellationToken cancel)
    {
        var seen = new Seen();
        Recording recording;
        try
        {
            recording = replay.Play(clip.Path, pads: true, seen, cancel);
        }
        catch (SourceException broken) when (broken.Fault != SourceFault.NoFfmpeg)
        {
            _failed.Add(new(clip.Name, clip.Label, broken.Message));
            return 0;
        }

        if (isQuiet)
        {
            _quiet.Add(new(clip.Name, Math.Round(recording.Length.TotalSeconds, 3), seen.Started));
        }

        if (seen.Windows.Count == 0 && items.Count > 0)
        {
            _unjudged.Add(new(clip.Name, clip.Label, Why(recording)));
            return 0;
        }

        foreach (var (label, segment, within) in items)
        {
            var chosen = ClipRule.Choose(seen.Windows, within);
            _verdicts.Add(new(clip.Name, label, ClipRule.Mean(chosen), chosen.Count, recording.IsPadded, segment));
        }

        return recording.Clips;
    }

    internal static string Why(Recording recording) =>
        recording.Frames == 1 ? "it is one picture, and no recording"
        : recording.Skipped.Count == 0 || recording.Skipped.Keys.All(reason => reason == DropReason.Gap.Label)
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"its frames are {recording.Length.TotalSeconds / (recording.Frames - 1):0.0} s apart, too far for a window: a time-lapse?")
        : $"no window could be judged: {string.Join(", ", recording.Skipped.Keys)}";

    /// <summary>What there was to see in one clip.</summary>
    private sealed class Seen : IReplayObserver
    {
        public List<WindowScores> Windows { get; } = [];

        /// <summary>Labels of the events that started.</summary>
        public List<string> Started { get; } = [];

        public void Decided(ClipScores scores, Decision decision) =>
            Windows.Add(new((scores.Time.Start + scores.Time.End).TotalSeconds / 2, scores.Values));

        public void OnEvent(ActionEvent step)
        {
            if (step.Type == EventType.Start)
            {
                Started.Add(step.Label);
            }
        }
    }
}

/// <summary>Everything that an evaluation found.</summary>
/// <param name="Failed">Clips that could not be read.</param>
/// <param name="Unjudged">Clips of which no window was fit for the model.</param>
/// <param name="LeftOut">Clips that the map leaves out.</param>
/// <param name="UnknownLabels">Labels that neither model nor map knows, and how many clips have them.</param>
/// <param name="Windows">Windows that went through the model.</param>
internal sealed record Findings(
    IReadOnlyList<Verdict> Verdicts,
    IReadOnlyList<QuietClip> Quiet,
    IReadOnlyList<Unjudged> Failed,
    IReadOnlyList<Unjudged> Unjudged,
    int LeftOut,
    IReadOnlyDictionary<string, int> UnknownLabels,
    long Windows);

/// <summary>A clip in which nothing happens, and what was found in it all the same.</summary>
internal sealed record QuietClip(string File, double Seconds, IReadOnlyList<string> Events);

/// <summary>A clip without a verdict, and why.</summary>
internal sealed record Unjudged(string File, string Label, string Reason);
