using System.Globalization;
using ActionStream.Core.Modelling;
using ActionStream.Publish.Events;
using Microsoft.Extensions.Logging;
using Spectre.Console;

namespace ActionStream.Cli.Demo;

/// <summary>How a demo shows itself: live on a terminal, line by line in a pipe, not at all for JSON.</summary>
internal interface IDemoScreen : IDisposable
{
    /// <summary>What the log may say beside it.</summary>
    LogLevel LogLevel { get; }

    void Open(ModelCard card, string device, int brokerPort, int httpPort);

    /// <summary>The latest detection.</summary>
    /// <param name="sofar">Seconds judged before it.</param>
    void Show(Moment moment, Agreement sofar);

    /// <summary>A second that is over.</summary>
    void Judge(Moment second);

    void Close(DemoSummary summary);
}

/// <summary>For `--json`: the summary is the answer.</summary>
internal sealed class SilentScreen : IDemoScreen
{
    public LogLevel LogLevel => LogLevel.Warning;

    public void Open(ModelCard card, string device, int brokerPort, int httpPort)
    {
    }

    public void Show(Moment moment, Agreement sofar)
    {
    }

    public void Judge(Moment second)
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
    public LogLevel LogLevel => LogLevel.Warning;

    public void Open(ModelCard card, string device, int brokerPort, int httpPort)
    {
        Console.WriteLine(DemoText.Heading(card, device, brokerPort, httpPort));
        Console.WriteLine("    t   truth        | detection    |    smoothed scores");
    }

    public void Show(Moment moment, Agreement sofar)
    {
    }

    public void Judge(Moment second) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{Math.Floor(second.Position),5:0}   {second.GroundTruth ?? "?",-12} | {second.Top.Label,-12} | {(second.Agrees ? "=" : " ")}  "
        + $"{DemoText.Top(second.Decision)}"));

    public void Close(DemoSummary summary) => Console.WriteLine(DemoText.Closing(summary));

    public void Dispose()
    {
    }
}

/// <summary>A table on a terminal that is drawn anew with every decision.</summary>
internal sealed class LiveScreen : IDemoScreen
{
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Shown? _latest;
    private Task _drawing = Task.CompletedTask;

    public LogLevel LogLevel => LogLevel.Error;

    public void Open(ModelCard card, string device, int brokerPort, int httpPort)
    {
        Console.WriteLine(DemoText.Heading(card, device, brokerPort, httpPort));
        _drawing = AnsiConsole.Live(new Text("waiting for the first window …")).StartAsync(async screen =>
        {
            while (!_closed.Task.IsCompleted)
            {
                if (Volatile.Read(ref _latest) is { } shown)
                {
                    screen.UpdateTarget(Draw(shown));
                }

                await _closed.Task.WaitAsync(TimeSpan.FromMilliseconds(200)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        });
    }

    public void Show(Moment moment, Agreement sofar) => Volatile.Write(ref _latest, new(moment, sofar.Agreed, sofar.Judged));

    public void Judge(Moment second)
    {
    }

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

    private static Rows Draw(Shown shown)
    {
        var (moment, decision) = (shown.Moment, shown.Moment.Decision);
        var bars = new BarChart().Width(60).WithMaxValue(1);
        foreach (var (label, score) in decision.TopK)
        {
            bars.AddItem(label, Math.Round(score, 2), decision.Detected.Contains(label) ? Color.Red : Color.Blue);
        }

        return new Rows(
            new Text(string.Create(
                CultureInfo.InvariantCulture,
                $"t {moment.Position:0.0} s   truth: {moment.GroundTruth ?? "?"} | detection: {moment.Top.Label}   equal in {shown.Agreed} "
                + $"of {shown.Judged} s   latency {decision.Latency.Total.TotalMilliseconds:0} ms")),
            bars);
    }

    private sealed record Shown(Moment Moment, int Agreed, int Judged);
}

/// <summary>The words that both screens share.</summary>
internal static class DemoText
{
    public static string Heading(ModelCard card, string device, int brokerPort, int httpPort)
    {
        var warning =
            card.Trained ? "" : $"\nModel {card.Name} is UNTRAINED ({card.Source}): its labels mean nothing. The way they take is real.";
        return $"ActionStream demo: model {card.Name} on {device}, broker 127.0.0.1:{brokerPort} (actionstream/#), "
            + $"http://127.0.0.1:{httpPort}/metrics{warning}";
    }

    public static string Top(Decision decision) => string.Join("  ", decision.TopK.Select(entry =>
        string.Create(
            CultureInfo.InvariantCulture, $"{entry.Label} {entry.Score:0.00}{(decision.Detected.Contains(entry.Label) ? "!" : "")}")));

    public static string Closing(DemoSummary summary)
    {
        var latency = summary.LatencyMs;
        var events = $"{summary.Events} event messages";
        var stages = string.Join(
            ", ", summary.StagesMs.Select(stage => string.Create(CultureInfo.InvariantCulture, $"{stage.Key} {stage.Value:0.0}")));
        return string.Create(CultureInfo.InvariantCulture, $"""

            {Agreement(summary)}
            {summary.Seconds:0.0} s: {summary.Frames} frames, {summary.Clips} clips, {summary.Decisions} decisions, {events}
            MQTT: {summary.MqttPublished} published, {summary.MqttReceived} received by a subscriber
            dropped: {Dropped(summary)}
            last frame of a window → its subscriber: p50 {latency.P50:0} ms, p95 {latency.P95:0} ms, p99 {latency.P99:0} ms
            median by stage in ms: {stages}
            """);
    }

    private static string Dropped(DemoSummary summary) => summary.Dropped.Values.Sum() == 0
        ? "nothing"
        : string.Join(", ", summary.Dropped.Where(entry => entry.Value > 0).Select(entry => $"{entry.Value} {entry.Key}"));

    private static string Agreement(DemoSummary summary) => summary.JudgedSeconds == 0
        ? "no second could be held against the truth"
        : $"agrees with the truth in {summary.AgreedSeconds} of {summary.JudgedSeconds} "
            + $"seconds{(summary.Trained ? "" : " (an untrained model: by chance)")}";
}
