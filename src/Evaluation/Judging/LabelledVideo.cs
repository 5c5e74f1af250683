namespace ActionStream.Evaluation.Judging;

/// <summary>A recording and what happens in it, in the words of whoever labelled it.</summary>
/// <param name="Name">As the data set calls the file.</param>
/// <param name="Label">What it shows above all.</param>
/// <param name="Segments">When what happens.</param>
internal sealed record LabelledVideo(string Name, string Path, string Label, IReadOnlyList<Segment> Segments);

/// <summary>From when to when something happens, in seconds of the recording.</summary>
internal sealed record Segment(string Label, double Start, double End);
