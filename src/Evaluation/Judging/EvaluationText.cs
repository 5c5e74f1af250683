using System.Globalization;

namespace ActionStream.Evaluation.Judging;

/// <summary>An evaluation for people: the numbers, then every mistake.</summary>
internal static class EvaluationText
{
    /// <summary>Kinds of mistake.</summary>
    private const int Shown = 30;

    public static void Write(EvaluationAnswer answer, TextWriter output)
    {
        if (!answer.Trained)
        {
            output.WriteLine($"Model {answer.Model} is UNTRAINED: its labels mean nothing, and neither do these numbers.");
        }

        var where = $"{answer.Model}, {answer.Path} on {answer.Device}";
        var padded = $"{answer.Padded} shorter than a window, their last frame held";
        Write(output, $"{answer.Judged} judged, {answer.Windows} windows ({where}); {padded}");
        if (answer is { Top1: { } top1, Top1Interval: [var low, var high], Top5: { } top5 })
        {
            Write(output, $"top-1 {top1:0.000} (95 %: {low:0.000} to {high:0.000}), top-5 {top5:0.000}");
        }

        WriteClasses(answer, output);
        WriteMistakes(answer, output);
        if (answer.Quiet.Count > 0)
        {
            var perHour = answer.FalseEvents / answer.Hours;
            Write(output, $"quiet recordings: {answer.FalseEvents} false events in {answer.Hours:0.000} h ({perHour:0.0} per hour)");
        }

        if (answer.LeftOut > 0)
        {
            Write(output, $"left out by the map: {answer.LeftOut}");
        }

        if (answer.UnknownLabels.Count > 0)
        {
            output.WriteLine(
                "left out, since the model does not know the label: "
                + $"{string.Join(", ", answer.UnknownLabels.Select(entry => $"{entry.Key} ({entry.Value})"))}");
        }

        foreach (var kind in NoVideo.Summed(answer.NotClips))
        {
            output.WriteLine($"no clips, left out: {kind}");
        }

        foreach (var clip in answer.Unjudged)
        {
            output.WriteLine($"not judged: {clip.File}: {clip.Reason}");
        }
    }

    private static void WriteClasses(EvaluationAnswer answer, TextWriter output)
    {
        var width = answer.PerClass.Keys.Append("label").Max(label => label.Length);
        output.WriteLine($"{"label".PadRight(width)}     n  recall  precision    auc");
        foreach (var (label, result) in answer.PerClass)
        {
            var (name, auc) = (label.PadRight(width), Share(answer.Auc[label]));
            Write(output, $"{name}  {result.N,4}  {Share(result.Recall),6}  {Share(result.Precision),9}  {auc,5}");
        }
    }

    private static void WriteMistakes(EvaluationAnswer answer, TextWriter output)
    {
        var mistakes = answer.Confusion.SelectMany(
            row => row.Value.Where(cell => cell.Key != row.Key).Select(cell => (GroundTruth: row.Key, Predicted: cell.Key, N: cell.Value)));
        var sorted = mistakes.OrderByDescending(mistake => mistake.N).ToArray();
        foreach (var (truth, predicted, n) in sorted.Take(Shown))
        {
            var files = answer.Clips.Where(clip => clip.Label == truth && clip.Predicted == predicted).Select(clip => clip.File).ToArray();
            Write(output, $"{n} {truth} taken for {predicted}: {string.Join(", ", files.Take(3))}{(files.Length > 3 ? ", …" : "")}");
        }

        if (sorted.Length > Shown)
        {
            output.WriteLine($"… and {sorted.Length - Shown} more kinds of mistake: --json has them all");
        }
    }

    private static string Share(double? share) => share is { } number ? number.ToString("0.000", CultureInfo.InvariantCulture) : "–";

    private static void Write(TextWriter output, FormattableString line) => output.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
