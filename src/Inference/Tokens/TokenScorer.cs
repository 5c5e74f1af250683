using System.Runtime.InteropServices;
using ActionStream.Core.Media;
using ActionStream.Inference.Costs;
using ActionStream.Inference.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace ActionStream.Inference.Tokens;

/// <summary>The cached path: the frame encoder runs on the tubelets whose tokens are not known yet, of all clips together, then the temporal head on every clip.</summary>
/// <remarks>A token that is missing, for whatever reason, is computed from the clip's own frames: the cache is only ever a shortcut.</remarks>
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
    private int _rows;
    private int _hits;
    private int _misses;

    /// <param name="encoder">[N, τ, H, W, 3] bytes → [N, S, D].</param>
    /// <param name="head">[N, T/τ, S, D] → [N, K].</param>
    /// <param name="tubelet">τ.</param>
    public TokenScorer(
        BoundSession encoder, BoundSession head, TokenCache cache, ModelCosts costs, SelfCheck check, TimeProvider time, int tubelet)
    {
        (_encoder, _head, _cache, _costs, _check, _time, _tubelet) = (encoder, head, cache, costs, check, time, tubelet);
        _missing = new Missing[encoder.MaxRows];
    }

    public (int Hits, int Misses) TakeCounts()
    {
        var counts = (_hits, _misses);
        (_hits, _misses) = (0, 0);
        return counts;
    }

    public ReadOnlySpan<float> Score(ReadOnlySpan<Clip> clips)
    {
        if (!_check.IsTrusted)
        {
            return _check.ScoreWhole(clips);
        }

        try
        {
            _rows = 0;
            for (var i = 0; i < clips.Length; i++)
            {
                Prepare(clips[i], i);
            }

            Encode();
            var startedAt = _time.GetTimestamp();
            var logits = _head.Run(clips.Length);
            _costs.PerClip.Observe(clips.Length, _time.GetElapsedTime(startedAt));
            _check.Compare(clips[0], logits[..(logits.Length / clips.Length)]);
            return logits;
        }
        catch (OnnxRuntimeException failed)
        {
            throw new ScoringException("run_failed", failed.Message, failed);
        }
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
            throw ScoringException.WrongClip(clip, _cache.Steps * _tubelet, _encoder.Input.Row.Skip(1));
        }

        var tokens = _cache.Of(clip.Stream);
        tokens.Align(clip.Time);
        for (var step = 0; step < _cache.Steps; step++)
        {
            if (tokens.TryGet(clip.Time.FirstIndex + (step * _tubelet), out var known))
            {
                _hits++;
                known.CopyTo(HeadInput(row, step));
                continue;
            }

            _misses++;
            clip.CopyTo(_encoder.Row(_rows), step * _tubelet, _tubelet);
            _missing[_rows++] = new(tokens, clip.Time.FirstIndex + (step * _tubelet), row, step);
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
        var encoded = _encoder.Run(_rows); // [rows, S, D]
        _costs.PerTubelet!.Observe(_rows, _time.GetElapsedTime(startedAt));
        var numbers = encoded.Length / _rows;
        for (var i = 0; i < _rows; i++)
        {
            var tokens = encoded.Slice(i * numbers, numbers);
            var missing = _missing[i];
            missing.Stream.Set(missing.Index, tokens);
            tokens.CopyTo(HeadInput(missing.Row, missing.Step));
        }

        _rows = 0;
    }

    // [T/τ, S, D] of a row, at one step.
    private Span<float> HeadInput(int row, int step)
    {
        var window = MemoryMarshal.Cast<byte, float>(_head.Row(row));
        var numbers = window.Length / _cache.Steps;
        return window.Slice(step * numbers, numbers);
    }

    private readonly record struct Missing(StreamTokens Stream, long Index, int Row, int Step);
}
