using ActionStream.Inference.Scheduling;

namespace ActionStream.Inference.Onnx;

/// <summary>Runs a graph in every batch size before any clip has to: kernels, engines and arenas are set up,
/// and what a run costs is known.</summary>
internal static class WarmUp
{
    private const int Runs = 3;

    public static CostCurve Measure(OpenGraph graph, IReadOnlyList<int> sizes, TimeProvider time)
    {
        using var session = graph.Bind(sizes);
        var measured = new List<TimeSpan>();
        foreach (var size in sizes)
        {
            session.Run(size); // sets up; its time says nothing
            var best = TimeSpan.MaxValue;
            for (var run = 0; run < Runs; run++)
            {
                var startedAt = time.GetTimestamp();
                session.Run(size);
                best = time.GetElapsedTime(startedAt) is var elapsed && elapsed < best ? elapsed : best;
            }

            measured.Add(best);
        }

        return new(sizes, measured);
    }
}
