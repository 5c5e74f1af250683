using System.Runtime.InteropServices;
using ActionStream.Core.Media;
using ActionStream.Inference.Attention;
using ActionStream.Inference.Onnx;
using ActionStream.Inference.Scheduling;
using Microsoft.ML.OnnxRuntime;

namespace ActionStream.Inference.Scoring;

/// <summary>The cached path: the frame encoder runs on the tubelets whose tokens are not known yet, of all clips together, then
/// the temporal head on every clip that is not its stream's last one over again.</summary>
/// <remarks>A token that is missing, for whatever reason, is computed from the clip's own frames: the
/// cache is only ever a shortcut.</remarks>
internal sealed class TokenScorer : IClipScorer
{
    private readonly BoundSession _encoder;
    private readonly BoundSession _head;
    private readonly TokenCache _cache;
    private readonly ModelCosts _costs;
    private readonly SelfCheck _check;
    private readonly TimeProvider _time;
    private readonly int _tubelet;
    private readonly TubeletHash? _hash;
    private readonly Missing[] _missing;
    private readonly AttentionStreams _attended;
    private readonly ClipAttention? _whole;
    private readonly int _cells;
    private readonly float[] _maps; // [clips, T/τ, h, w]
    private readonly float[] _windows; // [clips, h, w]
    private readonly bool[] _wantsAttention; // [clips]
    private readonly int _classes;
    private readonly float[] _answers; // [clips, K]
    private readonly long[] _ids; // [rows of the head, T/τ]
    private readonly Asked[] _asked; // [rows of the head]
    private bool _wasWhole;
    private bool _areMapsWanted;
    private int _rows;
    private int _headRows;
    private int _hits;
    private int _repeats;
    private int _misses;
    private int _repeatedAnswers;

    /// <param name="encoder">[N, τ, H, W, 3] bytes → [N, S, D], and [N, S, h, w] where it can tell where it looks.</param>
    /// <param name="head">[N, T/τ, S, D] → [N, K].</param>
    /// <param name="tubelet">τ.</param>
    /// <param name="seesRepeats">False only to measure what looking for equal pixels costs and brings.</param>
    public TokenScorer(
        BoundSession encoder, BoundSession head, TokenCache cache, ModelCosts costs, SelfCheck check, AttentionStreams attended,
        TimeProvider time, int tubelet, bool seesRepeats = true)
    {
        (_encoder, _head, _cache, _costs, _check, _time, _tubelet) = (encoder, head, cache, costs, check, time, tubelet);
        _hash = seesRepeats ? new() : null;
        _classes = (int)(head.Output.RowBytes / sizeof(float));
        _answers = new float[head.MaxRows * _classes];
        (_ids, _asked) = (new long[head.MaxRows * cache.Steps], new Asked[head.MaxRows]);
        _missing = new Missing[encoder.MaxRows];
        _attended = attended;
        _cells = encoder.SecondOutput is { } maps ? (int)(maps.Row[^2] * maps.Row[^1]) : 0;
        _whole = _cells > 0 ? new(encoder, attended, tubelet, _cells) : null;
        _maps = new float[head.MaxRows * cache.Steps * _cells];
        _windows = new float[head.MaxRows * _cells];
        _wantsAttention = new bool[head.MaxRows];
    }

    public TokenCounts TakeCounts()
    {
        var counts = new TokenCounts(_hits, _repeats, _misses, _repeatedAnswers);
        (_hits, _repeats, _misses, _repeatedAnswers) = (0, 0, 0, 0);
        return counts;
    }

    public ReadOnlySpan<float> Score(ReadOnlySpan<Clip> clips)
    {
        _wasWhole = !_check.IsTrusted;
        try
        {
            if (_wasWhole)
            {
                _whole?.Look(clips);
                return _check.ScoreWhole(clips);
            }

            (_rows, _headRows, _areMapsWanted) = (0, 0, false);
            for (var i = 0; i < clips.Length; i++)
            {
                Prepare(clips[i], i);
            }

            Encode();
            FinishAttention(clips.Length);
            Answer();
            _check.Compare(clips[0], AnswerOf(0));
            return _answers.AsSpan(0, clips.Length * _classes);
        }
        catch (OnnxRuntimeException failed)
        {
            throw ScoringException.Of(failed);
        }
    }

    public ReadOnlySpan<float> AttentionOf(int clip) =>
        _wasWhole ? (_whole is null ? default : _whole.Of(clip)) : _wantsAttention[clip] ? _windows.AsSpan(clip * _cells, _cells) : default;

    public void Terminate()
    {
        _encoder.Terminate();
        _head.Terminate();
    }

    public void Dispose()
    {
        _encoder.Dispose();
        _head.Dispose();
    }

    // Known tokens go into the head's input at once, the others when they are computed: no clip depends on what later ones do to the cache.
    private void Prepare(Clip clip, int number)
    {
        if (clip.Length != _cache.Steps * _tubelet || clip.Size.Bytes * _tubelet != _encoder.Input.RowBytes)
        {
            throw ScoringException.Misfit(clip, _cache.Steps * _tubelet, _encoder.Input.Row.Skip(1));
        }

        var stream = _cache.Of(clip.Stream);
        stream.Align(clip.Time);
        var wantsAttention = _wantsAttention[number] = _cells > 0 && _attended.Has(clip.Stream);
        var isNew = false;
        for (var step = 0; step < _cache.Steps; step++)
        {
            var first = step * _tubelet;
            var index = clip.Time.FirstIndex + first;
            if (stream.TryGet(index, out var known) && (!wantsAttention || !known.Map.IsEmpty))
            {
                _hits++;
                Put(known, number, _headRows, step);
                continue;
            }

            var fingerprint = _hash?.Of(clip, first, _tubelet) ?? 0;
            if (stream.TryFind(fingerprint, clip, first, out known) && (!wantsAttention || !known.Map.IsEmpty))
            {
                _repeats++;
                Put(known, number, _headRows, step);
                continue;
            }

            (_misses, isNew) = (_misses + 1, true);
            _areMapsWanted |= wantsAttention;
            clip.CopyTo(_encoder.Row(_rows), first, _tubelet);
            _missing[_rows++] = new(stream, index, fingerprint, number, _headRows, step);
            if (_rows == _encoder.MaxRows)
            {
                Encode();
            }
        }

        if (!isNew && _hash is not null && stream.TryAnswer(IdsOf(_headRows), out var answer))
        {
            _repeatedAnswers++;
            answer.CopyTo(AnswerOf(number));
            return;
        }

        _asked[_headRows++] = new(stream, number);
    }

    private void Encode()
    {
        if (_rows == 0)
        {
            return;
        }

        var startedAt = _time.GetTimestamp();
        ReadOnlySpan<float> maps = default; // [rows, S, h, w]
        var encoded = _areMapsWanted ? _encoder.Run(_rows, out maps) : _encoder.Run(_rows); // [rows, S, D]
        _costs.PerTubelet!.Observe(_rows, _time.GetElapsedTime(startedAt));
        var (numbers, cells) = (encoded.Length / _rows, maps.Length / _rows);
        for (var i = 0; i < _rows; i++)
        {
            var missing = _missing[i];
            var map = _wantsAttention[missing.Clip] ? MapOf(missing.Clip, missing.Step) : default;
            if (!map.IsEmpty)
            {
                AttentionMap.Combine(maps.Slice(i * cells, cells), map);
            }

            Put(
                missing.Stream.Keep(missing.Index, missing.Fingerprint, encoded.Slice(i * numbers, numbers), map),
                missing.Clip, missing.HeadRow, missing.Step);
        }

        (_rows, _areMapsWanted) = (0, false);
    }

    private void Put(KnownTubelet known, int clip, int headRow, int step)
    {
        known.Tokens.CopyTo(HeadInput(headRow, step));
        IdsOf(headRow)[step] = known.Id;
        if (_wantsAttention[clip])
        {
            known.Map.CopyTo(MapOf(clip, step));
        }
    }

    private void Answer()
    {
        if (_headRows == 0)
        {
            return;
        }

        var startedAt = _time.GetTimestamp();
        var logits = _head.Run(_headRows);
        _costs.PerClip.Observe(_headRows, _time.GetElapsedTime(startedAt));
        for (var row = 0; row < _headRows; row++)
        {
            var answer = logits.Slice(row * _classes, _classes);
            answer.CopyTo(AnswerOf(_asked[row].Clip));
            _asked[row].Stream.Answered(IdsOf(row), answer);
        }
    }

    private void FinishAttention(int clips)
    {
        var numbers = _cache.Steps * _cells;
        for (var row = 0; row < clips; row++)
        {
            if (_wantsAttention[row])
            {
                AttentionMap.Finish(_maps.AsSpan(row * numbers, numbers), _windows.AsSpan(row * _cells, _cells));
            }
        }
    }

    // [K] of a clip.
    private Span<float> AnswerOf(int clip) => _answers.AsSpan(clip * _classes, _classes);

    // [T/τ] of a row of the head.
    private Span<long> IdsOf(int headRow) => _ids.AsSpan(headRow * _cache.Steps, _cache.Steps);

    // [h, w] of a clip, at one step.
    private Span<float> MapOf(int clip, int step) => _maps.AsSpan(((clip * _cache.Steps) + step) * _cells, _cells);

    // [T/τ, S, D] of a row, at one step.
    private Span<float> HeadInput(int row, int step)
    {
        var window = MemoryMarshal.Cast<byte, float>(_head.Row(row));
        var numbers = window.Length / _cache.Steps;
        return window.Slice(step * numbers, numbers);
    }

    // A tubelet for the encoder.
    private readonly record struct Missing(StreamTokens Stream, long Index, UInt128 Fingerprint, int Clip, int HeadRow, int Step);

    // A window for the head.
    private readonly record struct Asked(StreamTokens Stream, int Clip);
}
