using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using ActionStream.Core.Modelling;
using ActionStream.Host.Configuration;
using ActionStream.Publish.Rolling;
using Microsoft.Extensions.Logging;
using Spectre.Console;

namespace ActionStream.Host.Demo;

/// <summary>How a demo shows itself: live on a terminal, line by line in a pipe, not at all for JSON.</summary>
internal interface IDemoScreen : IDisposable
{
    /// <summary>What the log may say beside it.</summary>
    LogLevel LogLevel { get; }

    void Open(ModelCard card, string device, int brokerPort, int httpPort);

    void Show(RollingDetection decision);

    void Close(DemoSummary summary);
}

/// <summary>For `--json`: the summary is the answer.</summary>
internal sealed class SilentScreen : IDemoScreen
{
    public LogLevel LogLevel => LogLevel.Warning;

    public void Open(ModelCard card, string device, int brokerPort, int httpPort)
    {
    }

    public void Show(RollingDetection decision)
    {
    }

    public void Close(DemoSummary summary)
    {
    }

    public void Dispose()
    {
    }
}

/// <summary>One line a second, for logs and pipes.</summary>
internal sealed class LineScreen : IDemoScreen
{
    private readonly Truth _truth = Truth.Load();
    private long _nextSecond;

    public LogLevel LogLevel => LogLevel.Warning;

    public void Open(ModelCard card, string device, int brokerPort, int httpPort)
    {
        Console.WriteLine(DemoText.Heading(card, device, brokerPort, httpPort));
        Console.WriteLine("    t   true now       smoothed scores");
    }

    public void Show(RollingDetection decision)
    {
        var second = (long)decision.CapturedAt.TotalSeconds;
        if (second < _nextSecond)
        {
            return;
        }

        _nextSecond = second + 1;
        var position = _truth.PositionOf(decision);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{position.TotalSeconds,5:0.0}   {_truth.At(position),-12}   {DemoText.Top(decision)}"));
    }

    public void Close(DemoSummary summary) => Console.WriteLine(DemoText.Closing(summary));

    public void Dispose()
    {
    }
}

/// <summary>A table on a terminal that is drawn anew with every decision.</summary>
internal sealed class LiveScreen : IDemoScreen
{
    private readonly Truth _truth = Truth.Load();
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private StrongBox<RollingDetection>? _latest;
    private Task _drawing = Task.CompletedTask;

    public LogLevel LogLevel => LogLevel.Error;

    public void Open(ModelCard card, string device, int brokerPort, int httpPort)
    {
        Console.WriteLine(DemoText.Heading(card, device, brokerPort, httpPort));
        _drawing = AnsiConsole.Live(new Text("waiting for the first window …")).StartAsync(async screen =>
        {
            while (!_closed.Task.IsCompleted)
            {
                if (Volatile.Read(ref _latest) is { } latest)
                {
                    screen.UpdateTarget(Draw(latest.Value));
                }

                await _closed.Task.WaitAsync(TimeSpan.FromMilliseconds(200)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        });
    }

    public void Show(RollingDetection decision) => Volatile.Write(ref _latest, new(decision));

    public void Close(DemoSummary summary)
    {
        Dispose();
        Console.WriteLine(DemoText.Closing(summary));
    }

    public void Dispose()
    {
        _closed.TrySetResult();
        _drawing.GetAwaiter().GetResult();
    }

    private Rows Draw(RollingDetection decision)
    {
        var position = _truth.PositionOf(decision);
        var bars = new BarChart().Width(60).WithMaxValue(1);
        foreach (var (label, score) in decision.TopK)
        {
            bars.AddItem(label, Math.Round(score, 2), decision.Detected.Contains(label) ? Color.Red : Color.Blue);
        }

        return new Rows(
            new Text(string.Create(CultureInfo.InvariantCulture, $"t {position.TotalSeconds:0.0} s   true: {_truth.At(position)}   latency {decision.Latency.Total.TotalMilliseconds:0} ms")),
            bars);
    }
}

/// <summary>The words that both screens share.</summary>
internal static class DemoText
{
    public static string Heading(ModelCard card, string device, int brokerPort, int httpPort)
    {
        var warning = card.Trained ? "" : $"\nModel {card.Name} is UNTRAINED ({card.Source}): its labels mean nothing. The way they take is real.";
        return $"ActionStream demo: model {card.Name} on {device}, broker 127.0.0.1:{brokerPort} (actionstream/#), http://127.0.0.1:{httpPort}/metrics{warning}";
    }

    public static string Top(RollingDetection decision) => string.Join("  ", decision.TopK.Select(entry =>
        string.Create(CultureInfo.InvariantCulture, $"{entry.Label} {entry.Score:0.00}{(decision.Detected.Contains(entry.Label) ? "!" : "")}")));

    public static string Closing(DemoSummary summary) => string.Create(CultureInfo.InvariantCulture, $"""

        {summary.Seconds:0.0} s: {summary.Frames} frames, {summary.Clips} clips, {summary.Decisions} decisions, {summary.Events} event messages
        MQTT: {summary.MqttPublished} published, {summary.MqttReceived} received by a subscriber
        dropped: {(summary.Dropped.Values.Sum() == 0 ? "nothing" : string.Join(", ", summary.Dropped.Where(entry => entry.Value > 0).Select(entry => $"{entry.Value} {entry.Key}")))}
        latency from the last frame of a window to its subscriber: p50 {summary.LatencyMs.P50:0} ms, p95 {summary.LatencyMs.P95:0} ms, p99 {summary.LatencyMs.P99:0} ms
        median by stage in ms: {string.Join(", ", summary.StagesMs.Select(stage => $"{stage.Key} {stage.Value:0.0}"))}
        """);
}

/// <summary>What really happens in the demo's clip, by time.</summary>
internal sealed class Truth(IReadOnlyList<(string Label, double Start, double End)> segments)
{
    private DateTimeOffset? _begin;

    public static Truth Load()
    {
        if (ModelFolder.Packaged("configs/demo/truth.json", File.Exists) is not { } path)
        {
            return new([]);
        }

        using var json = JsonDocument.Parse(File.ReadAllText(path));
        return new([.. json.RootElement.GetProperty("segments").EnumerateArray().Select(segment => (
            segment.GetProperty("label").GetString()!, segment.GetProperty("start").GetDouble(), segment.GetProperty("end").GetDouble()))]);
    }

    /// <summary>Where in the clip the window's last frame lies; the clip is played again and again.</summary>
    public TimeSpan PositionOf(RollingDetection decision)
    {
        // The first window begins with the clip.
        _begin ??= decision.Start;
        var length = segments.Count == 0 ? double.MaxValue : segments[^1].End;
        return TimeSpan.FromSeconds((decision.End - _begin.Value).TotalSeconds % length);
    }

    public string At(TimeSpan position) =>
        segments.FirstOrDefault(segment => position.TotalSeconds >= segment.Start && position.TotalSeconds < segment.End).Label ?? "?";
}
