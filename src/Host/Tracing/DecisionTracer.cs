using System.Diagnostics;
using ActionStream.Host.Output;
using ActionStream.Publish;
using ActionStream.Publish.Events;

namespace ActionStream.Host.Tracing;

/// <summary>Makes a trace of a decision: where the time went from the last frame to the message.</summary>
/// <remarks>The spans are made afterwards from what was measured. The sampler chooses; what it leaves out costs an empty span.</remarks>
internal sealed class DecisionTracer : IDecisionObserver
{
    public const string Source = "ActionStream";

    private static readonly ActivitySource Spans = new(Source, Product.Version);

    /// <summary>On the pipeline's thread.</summary>
    public void OnDecision(in Decision decision)
    {
        var around = Activity.Current;
        Activity.Current = null; // a trace of its own
        using (var root = Spans.StartActivity("decision", ActivityKind.Internal, parentContext: default, startTime: decision.End))
        {
            if (root is { IsAllDataRequested: true })
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

    private static DateTimeOffset Part(string name, DateTimeOffset from, TimeSpan duration)
    {
        using var span = Spans.StartActivity(name, ActivityKind.Internal, parentContext: default, startTime: from);
        span?.SetEndTime((from + duration).UtcDateTime);
        return from + duration;
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
