using System.Diagnostics;
using System.Diagnostics.Metrics;
using ActionStream.Core.Media;
using ActionStream.Core.Modelling;
using ActionStream.Core.Results;
using ActionStream.EndToEnd.Support;
using ActionStream.Host.History;
using ActionStream.Publish.Events;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit.Abstractions;

namespace ActionStream.EndToEnd.Measurements;

/// <summary>What remembering costs each decision, the disk and who asks; the numbers are printed, and only nonsense fails.</summary>
public sealed class HistoryCostTests(ITestOutputHelper output)
{
    private const int Decisions = 270_000; // a day of a camera, each 320 ms

    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly ModelCard Card = new()
    {
        Name = "cost",
        Labels = [.. Enumerable.Range(0, 15).Select(i => $"label_{i}")],
        Output = new(),
    };

    [MeasureFact]
    public async Task A_decision_pays_less_for_being_remembered_than_for_being_decided()
    {
        var folder = Directory.CreateTempSubdirectory("history-cost").FullName;
        var options = new HistoryOptions { Path = Path.Combine(folder, "history.db"), Keep = TimeSpan.FromDays(3650) };
        var clock = TimeProvider.System;
        var events = new StreamEvents("front", Card, new(), new Timeline(clock), "boot");
        var values = new float[15];
        var chance = new Random(1);
        List<ActionEvent> steps = [];
        using var meter = new Meter("cost");
        await using (var writer = new HistoryWriter(options, meter, clock, NullLogger<HistoryWriter>.Instance))
        {
            var (deciding, remembering, other) = (0L, 0L, 0L);
            using var process = Process.GetCurrentProcess();
            for (var i = 0; i < Decisions; i++)
            {
                for (var label = 0; label < values.Length; label++)
                {
                    values[label] = (float)Math.Pow(chance.NextDouble(), 8) * 0.5f;
                }

                var end = TimeSpan.FromMilliseconds(320.0 * i);
                var now = clock.GetTimestamp();
                var answer = new ClipScores(
                    "front", i, new ClipTime(0, 0, 0, end, end, TimeSpan.Zero, now, now), new(16, 1, TimeSpan.FromMilliseconds(80)),
                    values, "cpu", now, now);
                steps.Clear();
                var from = Stopwatch.GetTimestamp();
                var decision = events.Update(answer, now, TimeSpan.Zero, steps)!.Value with { End = Start + end };
                var between = Stopwatch.GetTimestamp();
                writer.OnScores(decision, answer, Card);
                var to = Stopwatch.GetTimestamp();
                (deciding, remembering) = (deciding + between - from, remembering + to - between);
                if (i % 4000 == 3999)
                {
                    await Task.Delay(1100); // so that the queue never is full
                }
            }

            other = Decisions;
            output.WriteLine(FormattableString.Invariant(
                $"smoothing and events {Ns(deciding):0} ns a decision, being remembered {Ns(remembering):0} ns ({(double)remembering / deciding:p0}), of {other}"));
            Assert.True(remembering < 10 * deciding);
        }

        output.WriteLine(FormattableString.Invariant($"a day of a camera, scores alone: {new FileInfo(options.Path).Length / 1e6:0.00} MB"));
        Directory.Delete(folder, recursive: true);

        static double Ns(long ticks) => ticks * 1e9 / Stopwatch.Frequency / Decisions;
    }

    [MeasureFact]
    public void A_page_of_a_million_events_is_there_in_milliseconds()
    {
        var folder = Directory.CreateTempSubdirectory("history-cost").FullName;
        var path = Path.Combine(folder, "history.db");
        const int Events = 1_000_000;
        using (var store = new HistoryStore(HistoryFile.OpenForWriting(path)))
        {
            var began = Stopwatch.GetTimestamp();
            for (var i = 0; i < Events; i += 10_000)
            {
                store.Whole(() => Add(store, i, 10_000));
            }

            output.WriteLine(FormattableString.Invariant(
                $"{Stopwatch.GetElapsedTime(began).TotalMicroseconds / Events:0} us to write an event, {new FileInfo(path).Length / (double)Events:0} bytes"));
        }

        using var reader = new HistoryReader(path);
        var chance = new Random(2);
        HistoryQuery[] kinds = [new(), new(Camera: "cam3"), new(Label: "label_7"), new("cam3", "label_7"), new(NearMisses: true)];
        foreach (var kind in kinds)
        {
            var times = new double[200];
            for (var i = 0; i < times.Length; i++)
            {
                var from = Stopwatch.GetTimestamp();
                var page = reader.Events(kind with { To = Start.AddSeconds(chance.Next(Events / 10, Events)), Limit = 100 });
                times[i] = Stopwatch.GetElapsedTime(from).TotalMilliseconds;
                Assert.Equal(100, page.Count);
            }

            Array.Sort(times);
            output.WriteLine(FormattableString.Invariant($"{kind}: p50 {times[100]:0.0} ms, p95 {times[190]:0.0} ms"));
            Assert.True(times[190] < 500, $"{times[190]} ms");
        }

        Directory.Delete(folder, recursive: true);
    }

    private static void Add(HistoryStore store, int first, int count)
    {
        for (var i = first; i < first + count; i++)
        {
            var at = Start.AddSeconds(i);
            var (stream, label) = ($"cam{i % 8}", $"label_{i / 8 % 15}");
            if (i % 3 == 0)
            {
                store.Write(new NearMiss(stream, $"{stream}-{i:x8}-miss", label, at, at, 0.5, at, i, 0.6), Card);
                continue;
            }

            var decision = new Decision(stream, i, at, at, new(16, 1, TimeSpan.Zero), "cpu", [], [], default, TimeSpan.Zero);
            store.Write(
                new(EventType.End, $"{stream}-20260101T101502.320Z-{i:x8}", label, 1, 0.7, 0.8, 0.75, at, at, TimeSpan.Zero, EndReason.Score, decision),
                new(null, $"/media/{stream}/{stream}-20260101T101502.320Z-{i:x8}.jpg", null), Card, 0.6, 0);
        }
    }
}
