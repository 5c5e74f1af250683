using System.Diagnostics;
using ActionStream.Host.Output;
using ActionStream.Publish.Events;

namespace ActionStream.Host.Tracing;

/// <summary>Makes a trace of some decisions: where the time went from the last frame to the message. The spans are made afterwards from what was measured anyway, so those that are not chosen cost a random number.</summary>
internal sealed class DecisionTracer(double share, Random random)
{
    public const string Source = "ActionStream";

    private static readonly ActivitySource Spans = new(Source, Product.Version);

    /// <summary>On the pipeline's thread.</summary>
    public void Trace(in Decision decision)
    {
        if (random.NextDouble() >= share)
        {
            return;
        }

        var around = Activity.Current;
        Activity.Current = null; // a trace of its own
        using (var root = Spans.StartActivity("decision", ActivityKind.Internal, parentContext: default, startTime: decision.End))
        {
            if (root is not null)
            {
                var at = decision.End;
                at = Part("capture", at, decision.Latency.Capture);
                at = Part("window", at, decision.Latency.Window);
                at = Part("queue", at, decision.Latency.Queue);
                at = Part("infer", at, decision.Latency.Infer);
                at = Part("post", at, decision.Latency.Post);
                Describe(root, decision);
                root.SetEndTime(at.UtcDateTime);
            }
        }

        Activity.Current = around;
    }

    private static DateTimeOffset Part(string name, DateTimeOffset from, TimeSpan took)
    {
        using var span = Spans.StartActivity(name, ActivityKind.Internal, parentContext: default, startTime: from);
        span?.SetEndTime((from + took).UtcDateTime);
        return from + took;
    }

    private static void Describe(Activity root, in Decision decision)
    {
        root.SetTag("camera", decision.Stream);
        root.SetTag("window.id", decision.Window);
        root.SetTag("window.quality", Math.Round(decision.Quality.Score, 3));
        root.SetTag("device", decision.Device);
        if (decision.TopK is [var top, ..])
        {
            root.SetTag("label", top.Label);
            root.SetTag("score", Math.Round(top.Score, 4));
        }

        if (decision.Detected.Count > 0)
        {
            root.SetTag("detected", string.Join(", ", decision.Detected));
        }
    }
}
