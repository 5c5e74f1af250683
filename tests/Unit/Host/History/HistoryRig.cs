using System.Diagnostics.Metrics;
using ActionStream.Core.Media;
using ActionStream.Core.Modelling;
using ActionStream.Core.Results;
using ActionStream.Host.History;
using ActionStream.Publish.Events;
using ActionStream.Unit.Support;

namespace ActionStream.Unit.Host.History;

/// <summary>A history in a folder of its own, its clock, log and counts, and events to write into it.</summary>
internal sealed class HistoryRig : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("actionstream-history").FullName;
    private readonly Meter _meter = new("history");
    private HistoryKeeper? _keeper;

    public HistoryRig()
    {
        Counts = new(_meter);
        Options = new() { Path = Path.Combine(_folder, "deep", "history.db") };
    }

    public static ModelCard Card { get; } = new() { Name = "toy", Labels = ["walk", "fall"], Output = new() };

    public FakeClock Clock { get; } = new();

    public LogLines<HistoryWriter> Log { get; } = new();

    public MeterCounts Counts { get; }

    public HistoryOptions Options { get; set; }

    public HistoryKeeper Keeper => _keeper ??= new(Options, new(_meter, () => 0, () => true), Clock, Log);

    public HistoryWriter Writer() => new(Options, _meter, Clock, Log);

    /// <summary>Ends the one and begins another, as a restart does.</summary>
    public void Restart()
    {
        _keeper?.Dispose();
        _keeper = null;
    }

    public HistoryReader Reader() => new(Options.Path);

    public IReadOnlyList<HistoryEvent> Events(bool nearMisses = false)
    {
        using var reader = Reader();
        return [.. reader.All(new(NearMisses: nearMisses))];
    }

    public HistoryEntry Step(
        string id, EventType type, string stream = "front", string label = "fall", double score = 0.8, DateTimeOffset? start = null)
    {
        var from = start ?? Clock.GetUtcNow();
        var decision = new Decision(
            stream, 7, from - TimeSpan.FromSeconds(2), from, new(16, 1, TimeSpan.FromMilliseconds(80)), "cpu", [], [],
            default(StageLatency) with { Infer = TimeSpan.FromMilliseconds(12) }, TimeSpan.Zero);
        var step = new ActionEvent(
            type, id, label, 1, score, score, score, from, type is EventType.End ? from + TimeSpan.FromSeconds(3) : null,
            TimeSpan.FromSeconds(3), type is EventType.End ? EndReason.Score : null, decision)
        {
            Zones = ["stairs"],
            PeakAt = from + TimeSpan.FromSeconds(1),
            PeakWindow = 9,
        };
        return new(stream, Card, Clock.GetUtcNow().ToUnixTimeMilliseconds())
        {
            Step = step,
            Threshold = 0.6,
            Media = new(null, $"/media/{stream}/{id}.jpg", null),
        };
    }

    public HistoryEntry Miss(string id, DateTimeOffset? start = null)
    {
        var from = start ?? Clock.GetUtcNow();
        return new("front", Card, from.ToUnixTimeMilliseconds()) { Miss = new("front", id, "fall", from, from, 0.55, from, 3, 0.6) };
    }

    public HistoryEntry Scores(float walk, float fall, string stream = "front") =>
        new(stream, Card, Clock.GetUtcNow().ToUnixTimeMilliseconds()) { Scores = [ScoreBlock.ToByte(walk), ScoreBlock.ToByte(fall)] };

    /// <summary>A decision as the publisher tells it.</summary>
    public (Decision Decision, ClipScores Scores) Decided(long window, float walk, float fall, string stream = "front")
    {
        var now = Clock.GetUtcNow();
        var decision = new Decision(
            stream, window, now, now, new(16, 1, TimeSpan.FromMilliseconds(80)), "cpu", [], [], default, TimeSpan.Zero);
        return (decision, new(stream, window, default, default, [walk, fall], "cpu", 0, 0));
    }

    public void Dispose()
    {
        Restart();
        Counts.Dispose();
        _meter.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
