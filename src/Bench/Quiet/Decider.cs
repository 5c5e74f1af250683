using System.Diagnostics.Metrics;
using System.Numerics;
using System.Runtime.InteropServices;
using ActionStream.Core.Media;
using ActionStream.Core.Results;
using ActionStream.Host.Configuration;
using ActionStream.Inference;
using ActionStream.Inference.Scoring;
using ActionStream.Ingest;
using ActionStream.Ingest.Ffmpeg;
using ActionStream.Ingest.Windowing;
using ActionStream.Publish.Events;

namespace ActionStream.Bench.Quiet;

/// <summary>One decision, as far as two runs are compared.</summary>
/// <param name="Index">Grid index of its window's first frame.</param>
/// <param name="Hash">Of the window's bytes.</param>
internal sealed record Decided(
    long Index, ulong Hash, TimeSpan End, string Top, double Score, IReadOnlyList<string> Detected, float[] Values);

/// <summary>From frames to decisions and events by the service's own parts: windows, model, smoothing, hysteresis.</summary>
internal sealed class Decider : IProgress<StreamStatus>, IDisposable
{
    /// <summary>Name of its camera.</summary>
    public const string Stream = "gate";

    private readonly Meter _meter = new("ActionStream");
    private readonly StreamTime _time = new();
    private readonly CameraWindows _windows;
    private readonly StreamEvents _events;
    private readonly BatchScorer _scorer;
    private readonly TimeSpan _from;
    private readonly IReadOnlyDictionary<long, Decided>? _known;
    private readonly List<Clip> _ready = [];
    private readonly List<ActionEvent> _steps = [];

    /// <param name="from">Windows that end before are compared, and not decided on.</param>
    /// <param name="known">Another run's: windows of the same bytes have the same scores.</param>
    public Decider(LoadedModel model, BatchScorer scorer, WindowSpec window, TimeSpan from, IReadOnlyDictionary<long, Decided>? known)
    {
        var camera = new CameraOptions();
        var events = camera.Events with
        {
            // The card's own thresholds make events of few actions; these, for models whose cards tell none, of most.
            Classes = model.Card.Labels.ToDictionary(label => label, _ => new ClassOptions { Enter = camera.Events.Enter }),
        };
        var input = model.Card.Input;
        (_scorer, _known, _from) = (scorer, known, from);
        _windows = CameraWindows.Create(
            Stream, camera, window, new(window.Interval, input.Size, input.Fit), new IngestMeters(_meter).ForCamera(Stream), this, _time);
        _events = new(Stream, model.Card, events.Always, new Timeline(_time), Stream);
    }

    /// <summary>Grid index of the first frame, and hash, of every window.</summary>
    public Dictionary<long, ulong> Windows { get; } = [];

    public List<Decided> Decisions { get; } = [];

    /// <summary>Every step of every event, in order.</summary>
    public List<ActionEvent> Events { get; } = [];

    /// <summary>The camera's state, which is told of its sleep.</summary>
    public StatusTracker Status => _windows.Status;

    public bool HasOpenEvent => _events.OpenEvents > 0;

    /// <param name="frame">Arrived at its place in the stream; is disposed.</param>
    public void Take(Frame frame)
    {
        _time.Set(frame.Time.Presentation);
        _windows.Take(frame, _ready);
        foreach (var clip in _ready)
        {
            using (clip)
            {
                Decide(clip);
            }
        }

        _ready.Clear();
    }

    /// <summary>The recording is over.</summary>
    public void End() => _events.Finish(EndReason.Stopped, Events);

    public void Report(StreamStatus value)
    {
        _events.Take(value, _steps);
        Tell();
    }

    public void Dispose()
    {
        _windows.Dispose();
        _meter.Dispose();
    }

    private void Decide(Clip clip)
    {
        var hash = Hash(clip);
        Windows.Add(clip.Time.FirstIndex, hash);
        if (clip.Time.End < _from)
        {
            return;
        }

        float[] values;
        if (_known?.GetValueOrDefault(clip.Time.FirstIndex) is { } before && before.Hash == hash)
        {
            values = before.Values;
        }
        else
        {
            _scorer.Run([clip]);
            if (!_scorer.TryAnswer(0, clip, clip.Time.FirstIndex, _time.GetTimestamp(), _time.GetTimestamp(), out var answer))
            {
                return;
            }

            values = [.. answer.Values];
            answer.Dispose();
        }

        var scores = new ClipScores(
            Stream, clip.Time.FirstIndex, clip.Time, clip.Quality, values, "cpu", _time.GetTimestamp(), _time.GetTimestamp());
        if (_events.Update(scores, _time.GetTimestamp(), TimeSpan.Zero, _steps) is { } decision)
        {
            Decisions.Add(new(
                clip.Time.FirstIndex, hash, clip.Time.End, decision.TopK[0].Label, decision.TopK[0].Score, decision.Detected, values));
        }

        Tell();
    }

    private void Tell()
    {
        Events.AddRange(_steps);
        _steps.Clear();
    }

    // Sixty-four bits of every byte in order: windows that differ have the same ones once in 10^19.
    private static ulong Hash(Clip clip)
    {
        var hash = 14695981039346656037UL;
        for (var frame = 0; frame < clip.Length; frame++)
        {
            foreach (var word in MemoryMarshal.Cast<byte, ulong>(clip.Frame(frame)))
            {
                hash = BitOperations.RotateLeft((hash ^ word) * 0x9E3779B97F4A7C15UL, 29);
            }
        }

        return hash;
    }
}
