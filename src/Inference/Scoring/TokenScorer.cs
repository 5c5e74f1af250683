using System.Runtime.InteropServices;
using ActionStream.Core.Media;
using ActionStream.Inference.Attention;
using ActionStream.Inference.Onnx;
using ActionStream.Inference.Scheduling;
using Microsoft.ML.OnnxRuntime;

namespace ActionStream.Inference.Scoring;

/// <summary>The cached path: the frame encoder runs on the tubelets whose tokens are not known yet, of all clips together, then
/// the temporal head on every clip.</summary>
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
    private readonly Missing[] _missing;
    private readonly AttentionStreams _attended;
    private readonly ClipAttention? _whole;
    private readonly int _cells;
    private readonly float[] _maps; // [clips, T/τ, h, w]
    private readonly float[] _windows; // [clips, h, w]
    private readonly bool[] _wantsAttention; // [clips]
    private bool _wasWhole;
    private bool _areMapsWanted;
    private int _rows;
    private int _hits;
    private int _misses;

    /// <param name="encoder">[N, τ, H, W, 3] bytes → [N, S, D], and [N, S, h, w] where it can tell where it looks.</param>
    /// <param name="head">[N, T/τ, S, D] → [N, K].</param>
    /// <param name="tubelet">τ.</param>
    public TokenScorer(
        BoundSession encoder, BoundSession head, TokenCache cache, ModelCosts costs, SelfCheck check, AttentionStreams attended,
        TimeProvider time, int tubelet)
    {
        (_encoder, _head, _cache, _costs, _check, _time, _tubelet) = (encoder, head, cache, costs, check, time, tubelet);
        _missing = new Missing[encoder.MaxRows];
        _attended = attended;
        _cells = encoder.SecondOutput is { } maps ? (int)(maps.Row[^2] * maps.Row[^1]) : 0;
        _whole = _cells > 0 ? new(encoder, attended, tubelet, _cells) : null;
        _maps = new float[head.MaxRows * cache.Steps * _cells];
        _windows = new float[head.MaxRows * _cells];
        _wantsAttention = new bool[head.MaxRows];
    }

    public (int Hits, int Misses) TakeCounts()
    {
        var counts = (_hits, _misses);
        (_hits, _misses) = (0, 0);
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

            (_rows, _areMapsWanted) = (0, false);
            for (var i = 0; i < clips.Length; i++)
            {
                Prepare(clips[i], i);
            }

            Encode();
            FinishAttention(clips.Length);
            var startedAt = _time.GetTimestamp();
            var logits = _head.Run(clips.Length);
            _costs.PerClip.Observe(clips.Length, _time.GetElapsedTime(startedAt));
            _check.Compare(clips[0], logits[..(logits.Length / clips.Length)]);
            return logits;
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
    private void Prepare(Clip clip, int row)
    {
        if (clip.Length != _cache.Steps * _tubelet || clip.Size.Bytes * _tubelet != _encoder.Input.RowBytes)
        {
            throw ScoringException.Misfit(clip, _cache.Steps * _tubelet, _encoder.Input.Row.Skip(1));
        }

        var tokens = _cache.Of(clip.Stream);
        tokens.Align(clip.Time);
        var wantsAttention = _wantsAttention[row] = _cells > 0 && _attended.Has(clip.Stream);
        for (var step = 0; step < _cache.Steps; step++)
        {
            var index = clip.Time.FirstIndex + (step * _tubelet);
            ReadOnlySpan<float> map = default;
            if (tokens.TryGet(index, out var known) && (!wantsAttention || tokens.TryGetMap(index, out map)))
            {
                _hits++;
                known.CopyTo(HeadInput(row, step));
                map.CopyTo(MapOf(row, step));
                continue;
            }

            _misses++;
            _areMapsWanted |= wantsAttention;
            clip.CopyTo(_encoder.Row(_rows), step * _tubelet, _tubelet);
            _missing[_rows++] = new(tokens, index, row, step);
            if (_rows == _encoder.MaxRows)
            {
                Encode();
            }
        }
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
        var numbers = encoded.Length / _rows;
        for (var i = 0; i < _rows; i++)
        {
            var tokens = encoded.Slice(i * numbers, numbers);
            var missing = _missing[i];
            tokens.CopyTo(HeadInput(missing.Row, missing.Step));
            var map = _wantsAttention[missing.Row] ? MapOf(missing.Row, missing.Step) : default;
            if (!map.IsEmpty)
            {
                AttentionMap.Combine(maps.Slice(i * (maps.Length / _rows), maps.Length / _rows), map);
            }

            missing.Stream.Set(missing.Index, tokens, map);
        }

        (_rows, _areMapsWanted) = (0, false);
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

    // [T/τ, h, w] of a row, at one step.
    private Span<float> MapOf(int row, int step) => _maps.AsSpan(((row * _cache.Steps) + step) * _cells, _cells);

    // [T/τ, S, D] of a row, at one step.
    private Span<float> HeadInput(int row, int step)
    {
        var window = MemoryMarshal.Cast<byte, float>(_head.Row(row));
        var numbers = window.Length / _cache.Steps;
        return window.Slice(step * numbers, numbers);
    }

    private readonly record struct Missing(StreamTokens Stream, long Index, int Row, int Step);
}
