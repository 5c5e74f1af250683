using System.Globalization;
using System.Text;
using ActionStream.Core.Modelling;
using ActionStream.Models.Graphs;

namespace ActionStream.Models.Foreign;

/// <summary>Everything that has to be known and is not, asked in one message with what was found and a card to fill in.</summary>
internal sealed class ForeignQuestion(string file, OnnxSummary summary, ForeignFindings found, AdoptOptions options)
{
    /// <exception cref="ForeignModelException">Something is missing, or the card contradicts the file.</exception>
    public void ThrowIfAnyMissing()
    {
        var clashes = Clashes().ToList();
        if (clashes.Count > 0)
        {
            throw new ForeignModelException($"{file} cannot be adopted like this:\n  {string.Join("\n  ", clashes)}");
        }

        var missing = Missing().ToList();
        if (missing.Count > 0)
        {
            throw new ForeignModelException(
                $"{file} can be adopted, once a card says what the file does not.\nfound:   {string.Join("\n         ", Found())}\n"
                + $"missing: {string.Join(", ", missing)}\n"
                + $"Save the following as a file, correct it, and give it with --card FILE:\n\n{Example()}");
        }
    }

    private IEnumerable<string> Found()
    {
        yield return $"{(summary.Inputs.Count == 1 ? "input" : "inputs")} "
            + $"{string.Join("; ", summary.Inputs)}{(found.IsTwoPathways ? ": two pathways" : "")}";
        yield return $"{(summary.Outputs.Count == 1 ? "output" : "outputs")} {string.Join("; ", summary.Outputs)}";
        yield return found.Layout is { } layout
            ? $"layout {Word(layout)}, {found.Frames?.ToString(CultureInfo.InvariantCulture) ?? "any number of"} frames"
              + $"{(found.SlowFrames is { } slow ? $" ({slow} of them in the slow pathway)" : "")} of "
              + $"{found.Width?.ToString(CultureInfo.InvariantCulture) ?? "?"}x"
              + $"{found.Height?.ToString(CultureInfo.InvariantCulture) ?? "?"}"
            : "the order of the axes can be read in more than one way";
        var end = found.End?.Operator is { } scoring ? $"the graph ends in {scoring}" : "no softmax at the end";
        yield return $"{end}; operator set {found.Opset}, made by {(summary.Producer.Length > 0 ? summary.Producer : "an unnamed tool")}";
    }

    private IEnumerable<string> Missing()
    {
        foreach (var (isMissing, name) in new[]
        {
            ((options.Layout ?? found.Layout) is null, "layout"),
            ((options.Frames ?? found.Frames) is null, "frames"),
            (found.IsTwoPathways && (options.SlowFrames ?? found.SlowFrames) is null, "slow_frames"),
            ((options.Height ?? found.Height) is null, "height"),
            ((options.Width ?? found.Width) is null, "width"),
            (IsNumbers && options.Scale is null, "scale"),
            (IsNumbers && options.Mean is null, "mean"),
            (IsNumbers && options.Std is null, "std"),
            (options.Colour is null, "colour"),
            (options.Interval is null, "interval"),
            (found.Output is null, "output"),
            ((options.Activation ?? found.Activation) is null, "activation"),
            (options.Labels.Count == 0, found.Classes is { } classes ? $"labels ({classes})" : "labels"),
        })
        {
            if (isMissing)
            {
                yield return name;
            }
        }
    }

    private IEnumerable<string> Clashes()
    {
        foreach (var (name, said, seen) in new[]
        {
            ("frames", options.Frames, found.Frames), ("slow_frames", options.SlowFrames, found.SlowFrames),
            ("height", options.Height, found.Height), ("width", options.Width, found.Width),
        })
        {
            if (said is not null && seen is not null && said != seen)
            {
                yield return string.Create(CultureInfo.InvariantCulture, $"{name} is {said}; the file has {seen}");
            }
        }

        foreach (var (name, seen, most)
            in new[] { ("frames", found.Frames, 256), ("height", found.Height, 1024), ("width", found.Width, 1024), ("views", found.Views,
                64) })
        {
            if (seen > most)
            {
                yield return string.Create(CultureInfo.InvariantCulture, $"the file has {seen} as its {name}; up to {most} can be run");
            }
        }

        if (options.Labels.Count > 0 && found.Classes is { } classes && classes != options.Labels.Count)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture, $"labels are {options.Labels.Count}; the output {found.Output!.Name} has {classes} classes");
        }

        if (options.Activation is { } activation && found.End?.Contradiction(activation) is { } problem)
        {
            yield return $"activation is {activation.ToString().ToLowerInvariant()}; {problem}";
        }

        if ((options.Frames ?? found.Frames) is { } frames && options.SlowFrames > frames)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"slow_frames is {options.SlowFrames}; a clip has {frames}");
        }

        if (options.Background is not null && options.Labels.Count > 0 && !options.Labels.Contains(options.Background))
        {
            yield return $"background is {options.Background}, which is none of the labels";
        }
    }

    private bool IsNumbers => found.Inputs[0].Type != ElementType.U8;

    private string Example()
    {
        var card = new StringBuilder();
        Line(
            "name", options.Name.Length > 0 ? options.Name : Path.GetFileNameWithoutExtension(file),
            "short, as it appears in messages and metrics");
        Line("source", options.Source.Length > 0 ? options.Source : "where the weights come from", "");
        Line("licence", options.Licence.Length > 0 ? options.Licence : "unknown", "of the weights");
        if ((options.Layout ?? found.Layout) is null)
        {
            Line("layout", "ncthw", "or ntchw, nthwc, nvcthw, nvtchw, flatchw: N batch, V views, C colours, T frames");
        }

        Open("frames", options.Frames ?? found.Frames, 16, "per clip");
        if (found.IsTwoPathways)
        {
            Open("slow_frames", options.SlowFrames ?? found.SlowFrames, 8, "of the slow pathway");
        }

        Open("height", options.Height ?? found.Height, 224, "pixels");
        Open("width", options.Width ?? found.Width, 224, "pixels");
        Line(
            "interval",
            options.Interval is { } interval ? $"{interval.TotalMilliseconds.ToString(CultureInfo.InvariantCulture)}ms" : "133ms",
            "between two frames of a clip: every 4th of 30 per second");
        if (IsNumbers)
        {
            Line(
                "scale", Show(options.Scale ?? 1 / 255.0),
                "what bytes are multiplied with first, (v * scale - mean) / std: 1/255, or 1 where the mean lies in 0..255");
            Line("mean", List(options.Mean ?? [0.45, 0.45, 0.45]), "in the order of the colours");
            Line("std", List(options.Std ?? [0.225, 0.225, 0.225]), "");
        }

        Line("colour", (options.Colour ?? ColourOrder.Rgb).ToString().ToLowerInvariant(), "or bgr");
        Line("fit", options.Fit.ToString().ToLowerInvariant(), "crop (cover the size, cut the centre), stretch or pad");
        if (found.Output is null)
        {
            Line(
                "output", summary.Outputs[0].Name,
                $"the answer: one of {string.Join(", ", summary.Outputs.Select(output => output.Name))}");
        }

        Line(
            "activation", ((options.Activation ?? found.Activation) ?? Activation.Softmax).ToString().ToLowerInvariant(),
            "softmax (one label per clip), sigmoid (any number), none (the graph ends in scores)");
        if (options.Labels.Count == 0)
        {
            if (found.Classes is { } classes and <= 8)
            {
                Line(
                    "labels", $"[{string.Join(", ", Enumerable.Range(0, classes).Select(i => $"class_{i}"))}]",
                    "in the order of the outputs");
            }
            else
            {
                Line(
                    "labels_file", "labels.txt",
                    $"beside this card, one of the {found.Classes?.ToString(CultureInfo.InvariantCulture) ?? "K"} labels per line, "
                    + "in the order of the outputs; or labels: [a, b, ...]");
            }
        }

        return card.ToString();

        void Line(string name, string value, string why) =>
            card.Append(name).Append(": ").Append(value).AppendLine(why.Length > 0 ? $"   # {why}" : "");

        void Open(string name, int? known, int guess, string why)
        {
            if (known is null)
            {
                Line(name, guess.ToString(CultureInfo.InvariantCulture), why);
            }
        }
    }

    private static string Word(ForeignLayout layout) => layout.ToString().ToLowerInvariant();

    private static string Show(double number) => number.ToString("R", CultureInfo.InvariantCulture);

    private static string List(IReadOnlyList<double> numbers) => $"[{string.Join(", ", numbers.Select(Show))}]";
}
