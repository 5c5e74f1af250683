using System.Globalization;
using System.Text.Json.Nodes;
using ActionStream.Publish.Events;

namespace ActionStream.Evaluation.Replaying;

/// <summary>What `replay --json` says.</summary>
/// <param name="Clips">Windows that went through the model.</param>
/// <param name="Events">Every step of every event, as the MQTT message; times are seconds of the recording.</param>
/// <param name="Scores">Per window: seconds of its last frame, leading label, its smoothed score.</param>
/// <param name="ClipsPerS">The one number that differs from run to run.</param>
/// <param name="Frames">Frames read, after thinning.</param>
/// <param name="Seconds">Length of the recording.</param>
/// <param name="Skipped">Windows that never reached the model, by reason.</param>
/// <param name="Model">The card's name.</param>
/// <param name="Trained">False if the labels mean nothing.</param>
/// <param name="Device">Where it ran.</param>
/// <param name="Path">cached or full.</param>
internal sealed record ReplayAnswer(
    long Clips,
    IReadOnlyList<JsonNode> Events,
    IReadOnlyList<object[]> Scores,
    double ClipsPerS,
    long Frames,
    double Seconds,
    IReadOnlyDictionary<string, long> Skipped,
    string Model,
    bool Trained,
    string Device,
    string Path);

/// <summary>The same for people.</summary>
internal static class ReplayText
{
    public static void Write(ReplayAnswer answer, IReadOnlyList<ActionEvent> events, TextWriter output)
    {
        if (!answer.Trained)
        {
            output.WriteLine($"Model {answer.Model} is UNTRAINED: its labels mean nothing.");
        }

        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{answer.Seconds:0.0} s, {answer.Clips} windows, {answer.ClipsPerS:0} windows/s ({answer.Model}, "
            + $"{answer.Path} on {answer.Device})"));
        if (answer.Skipped.Count > 0)
        {
            output.WriteLine($"not decided: {string.Join(", ", answer.Skipped.Select(entry => $"{entry.Value} {entry.Key}"))}");
        }

        if (answer.Clips == 0)
        {
            return; // standard error says why
        }

        if (events.Count == 0)
        {
            output.WriteLine("no events");
            return;
        }

        output.WriteLine("    from s      to s   seconds   top  mean  label");
        foreach (var one in events.OrderBy(one => one.Start).ThenBy(one => one.LabelId))
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{Seconds(one.Start),10:0.0}{Seconds(one.End!.Value),10:0.0}{one.Duration.TotalSeconds,10:0.0}{one.TopScore,6:0.00}"
                + $"{one.MeanScore,6:0.00}  {one.Label}"));
        }
    }

    private static double Seconds(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).TotalSeconds;
}
