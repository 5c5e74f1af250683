using ActionStream.Core.Media;
using ActionStream.Core.Modelling;
using ActionStream.Inference.Attention;
using ActionStream.Inference.Batching;
using ActionStream.Inference.Configuration;
using ActionStream.Inference.Onnx;
using ActionStream.Inference.Scheduling;
using Microsoft.Extensions.Logging;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace ActionStream.Inference.Scoring;

/// <summary>What the workers of the cached path share: the model's two parts, the tokens, and the check on both.</summary>
internal sealed class TokenPath : IDisposable
{
    private readonly OpenGraph _encoder;
    private readonly OpenGraph _head;
    private readonly StreamingParts _parts;
    private readonly ModelInput _input;
    private readonly AttentionStreams _attended;
    private readonly TimeProvider _time;

    private TokenPath(
        OpenGraph encoder, OpenGraph head, SelfCheck check, ModelCard card, AttentionStreams attended,
        BatchPolicy policy, TimeProvider time)
    {
        (_encoder, _head, Check, _attended, _time) = (encoder, head, check, attended, time);
        (_parts, _input) = (card.Streaming!, card.Input);
        Cache = new(_input.Frames, _parts.Tubelet, _parts.Tokens * _parts.Width);
        Costs = new(
            WarmUp.Measure(head, policy.Buckets(head.IsGpu), time),
            WarmUp.Measure(encoder, policy.EncoderBuckets(encoder.IsGpu, Cache.Steps), time));
    }

    public TokenCache Cache { get; }

    public SelfCheck Check { get; }

    public ModelCosts Costs { get; }

    public static TokenPath Open(
        string folder, ModelCard card, OnnxSessionFactory factory, OpenGraph whole, AttentionStreams attended, BatchPolicy policy,
        InferenceOptions options, TimeProvider time, ILogger log)
    {
        var (parts, input) = (card.Streaming!, card.Input);
        var check = new SelfCheck(
            new WindowScorer(whole.Bind([1]), time), options.SelfCheck,
            parts.Tolerance > 0 ? parts.Tolerance : double.PositiveInfinity, time, log);
        OpenGraph? encoder = null, head = null;
        try
        {
            encoder = OpenEncoder(folder, card, factory, options);
            head = OpenGraph.Open(
                factory, Path.Combine(folder, parts.TemporalHead.Path),
                [input.Frames / parts.Tubelet, parts.Tokens, parts.Width], [card.Labels.Count], options.DeviceIndex);
            return new(encoder, head, check, card, attended, policy, time);
        }
        catch
        {
            encoder?.Dispose();
            head?.Dispose();
            check.Dispose();
            throw;
        }
    }

    /// <param name="seesRepeats">False only to measure what looking for equal pixels costs and brings.</param>
    public TokenScorer OpenScorer(BatchPolicy policy, bool seesRepeats = true) => new(
        _encoder.Bind(policy.EncoderBuckets(_encoder.IsGpu, Cache.Steps), MapsOf(_parts)), _head.Bind(policy.Buckets(_head.IsGpu)),
        Cache, Costs, Check, _attended, _time, _parts.Tubelet, seesRepeats);

    /// <summary>The graph from a tubelet to its tokens.</summary>
    public static OpenGraph OpenEncoder(string folder, ModelCard card, OnnxSessionFactory factory, InferenceOptions options)
    {
        var (parts, input) = (card.Streaming!, card.Input);
        return OpenGraph.Open(
            factory, Path.Combine(folder, parts.FrameEncoder.Path),
            [parts.Tubelet, input.Height, input.Width, 3], [parts.Tokens, parts.Width], options.DeviceIndex);
    }

    /// <summary>The encoder's output that says where it looks, [S, h, w]; null if it does not.</summary>
    public static TensorPort? MapsOf(StreamingParts parts) =>
        parts.Attention is { } maps ? new(maps.Name, TensorElementType.Float, [parts.Tokens, maps.Height, maps.Width]) : null;

    /// <summary>The check at the start: two overlapping windows of noise, the second from cached tokens.</summary>
    /// <returns>False if the parts do not give what the whole gives.</returns>
    public bool IsExact()
    {
        using var pool = new PixelPool();
        using var scorer = new TokenScorer(
            _encoder.Bind([1]), _head.Bind([1]), new(_input.Frames, _parts.Tubelet, _parts.Tokens * _parts.Width), Costs, Check, _attended,
            _time, _parts.Tubelet);
        var noise = new Random(1);
        var frames = new PixelBlock[_input.Frames + _parts.Tubelet];
        for (var i = 0; i < frames.Length; i++)
        {
            frames[i] = pool.Rent(_input.Size.Bytes);
            noise.NextBytes(frames[i].Span);
        }

        var isExact = true;
        foreach (var start in (int[])[0, _parts.Tubelet])
        {
            using var clip = new Clip(
                "self-check", new ClipTime(0, 0, start, default, default, default, 0, 0), default, _input.Size,
                [.. frames[start..(start + _input.Frames)].Select(frame => frame.Share())]);
            isExact = isExact && Check.CompareNow(clip, scorer.Score([clip]).ToArray());
        }

        Array.ForEach(frames, frame => frame.Dispose());
        return isExact;
    }

    /// <summary>A view of the frame encoder that shows where it looks; null if the model does not say.</summary>
    public AttentionReader? OpenAttention() => _parts.Attention is { } maps
        ? new(
            new(_encoder.Opened.Session, _encoder.Input, MapsOf(_parts)!, [1], _encoder.IsGpu, _encoder.DeviceIndex),
            _input.Size, _parts, maps)
        : null;

    public void Dispose()
    {
        Check.Dispose();
        _encoder.Dispose();
        _head.Dispose();
    }
}
