using ActionStream.Core.Configuration;
using ActionStream.Core.Media;
using ActionStream.Core.Modelling;
using ActionStream.Inference.Attention;
using ActionStream.Inference.Batching;
using ActionStream.Inference.Configuration;
using ActionStream.Inference.Onnx;
using ActionStream.Inference.Scheduling;
using ActionStream.Inference.Scoring;
using Microsoft.Extensions.Logging;
using Microsoft.ML.OnnxRuntime;

namespace ActionStream.Inference;

/// <summary>A model folder, checked against its card, on its device, warmed up.</summary>
public sealed partial class LoadedModel : IClipModel, IDisposable
{
    private readonly OpenGraph _whole;
    private readonly TokenPath? _tokens;
    private readonly AttentionStreams _attended;
    private readonly Func<OpenGraph> _openEncoder;
    private readonly TimeProvider _time;
    private readonly Lock _opening = new();
    private OpenGraph? _encoder;
    private bool _isDisposed;

    private LoadedModel(
        ModelCard card, string requested, InferenceOptions options, OpenGraph whole, BatchPolicy policy, TokenPath? tokens,
        AttentionStreams attended, Func<OpenGraph> openEncoder, ModelCosts costs, TimeProvider time)
    {
        (Card, Requested, Policy, Costs) = (card, requested, policy, costs);
        (_whole, _tokens, _attended, _openEncoder, _time) = (whole, tokens, attended, openEncoder, time);
        Workers = options.Batch.WorkersOn(whole.IsGpu, Environment.ProcessorCount);
    }

    public ModelCard Card { get; }

    public string Requested { get; }

    public string Device => _whole.Opened.Device;

    public bool IsGpu => _whole.IsGpu;

    /// <summary>The rules of batching on this device.</summary>
    public BatchPolicy Policy { get; }

    /// <summary>How many workers this device wants.</summary>
    public int Workers { get; }

    public ModelCosts Costs { get; }

    public SelfCheck? SelfCheck => _tokens?.Check;

    public ClipWork WorkOf(Clip clip) => new(1, _tokens?.Cache.MissingOf(clip) ?? 0);

    /// <summary>Drops what is kept of a stream, once none of its windows is under way.</summary>
    public void Forget(string stream) => _tokens?.Cache.Forget(stream);

    /// <summary>Says whether a stream's answers are to tell where the model looked. Without effect where it cannot.</summary>
    /// <exception cref="DeviceException">The graph that can tell does not run; nothing has changed.</exception>
    public void WantAttention(string stream, bool isWanted)
    {
        if (isWanted)
        {
            PrepareAttention(); // now, not in the first window
        }

        _attended.Set(stream, isWanted);
    }

    /// <summary>Opens what tells where the model looks, so that nothing can fail when it is wanted.</summary>
    /// <exception cref="DeviceException">It does not run.</exception>
    public void PrepareAttention()
    {
        lock (_opening)
        {
            if (!_isDisposed && _tokens is null && Card.Streaming?.Attention is not null)
            {
                OpenEncoder();
            }
        }
    }

    /// <summary>Holds the folder's files against the card, without loading anything to run.</summary>
    public static void CheckFiles(string folder, ModelCard card, ConfigCheck check) => ModelFolder.Check(folder, card, check);

    /// <summary>Checks the folder against its card, opens it on the device, runs it in every batch size,
    /// holds its parts against the whole.</summary>
    /// <param name="folder">Where the card lies.</param>
    /// <param name="card">As read; has been checked by itself or not.</param>
    /// <param name="check">For the card's file, so that problems carry its name and lines.</param>
    /// <param name="on">Another device than the options ask for; null for theirs.</param>
    /// <exception cref="ConfigException">Card and files do not fit, with every reason.</exception>
    /// <exception cref="DeviceException">The device that was asked for does not load.</exception>
    public static LoadedModel Load(
        string folder, ModelCard card, ConfigCheck check, InferenceOptions options, TimeProvider time, ILogger<LoadedModel> log,
        DeviceRequest? on = null)
    {
        var requested = OnnxSessionFactory.Word(options.Device);
        options = options with { Device = on ?? options.Device };
        card.Check(check);
        check.ThrowIfAny(); // what follows relies on the card making sense
        ModelFolder.Check(folder, card, check);
        check.ThrowIfAny();

        check.Expect(
            options.Windows != WindowPath.Cached || card.Streaming is not null, "missing",
            "the model's two parts, because windows: cached was asked for. Build it with --split; where that is refused, "
            + "its windows can only go through whole",
            nameof(card.Streaming));
        check.ThrowIfAny();

        var startedAt = time.GetTimestamp();
        var factory = new OnnxSessionFactory(options, log);
        var whole = Running(check, card, () => OpenGraph.Open(
            factory, Path.Combine(folder, card.Model.Path), [card.Input.Frames, card.Input.Height, card.Input.Width, 3],
            [card.Labels.Count], options.DeviceIndex, card.Input.Name, card.Output.Name));
        TokenPath? tokens = null;
        var attended = new AttentionStreams();
        try
        {
            var policy = options.Batch.PolicyOn(whole.IsGpu);
            policy = whole.TakesOneRow ? policy with { MaxSize = 1 } : policy; // exported for one clip at a time
            if (card.Streaming is not null && options.Windows != WindowPath.Full)
            {
                tokens = Running(check, card, () => TokenPath.Open(folder, card, factory, whole, attended, policy, options, time, log));
                if (!Running(check, card, tokens.IsExact))
                {
                    LogParts(log, card.Name);
                }
            }

            var costs = tokens?.Costs
                ?? new ModelCosts(Running(check, card, () => WarmUp.Measure(whole, policy.Buckets(whole.IsGpu), time)));
            var model = new LoadedModel(
                card, requested, options, whole, policy, tokens, attended, () => TokenPath.OpenEncoder(folder, card, factory, options),
                costs, time);
            LogLoaded(
                log, card.Name, model.Device, tokens is null ? "whole windows" : "tokens kept between windows",
                time.GetElapsedTime(startedAt).TotalMilliseconds);
            return model;
        }
        catch
        {
            tokens?.Dispose();
            whole.Dispose();
            throw;
        }
    }

    public IClipScorer OpenScorer(BatchPolicy policy) => OpenScorer(policy, seesRepeats: true);

    /// <param name="seesRepeats">False only to measure what it costs and brings that tubelets are known by their pixels; without
    /// effect where windows go through whole.</param>
    public IClipScorer OpenScorer(BatchPolicy policy, bool seesRepeats) =>
        _tokens is null
            ? new WindowScorer(_whole.Bind(policy.Buckets(IsGpu)), _time, Costs, OpenLazyAttention())
            : _tokens.OpenScorer(policy, seesRepeats);

    /// <summary>Shows where the model looks, beside whatever the workers do; null where it cannot tell.</summary>
    public AttentionReader? OpenAttention() => _tokens?.OpenAttention();

    public void Dispose()
    {
        _tokens?.Dispose();
        lock (_opening)
        {
            _isDisposed = true;
            _encoder?.Dispose();
        }

        _whole.Dispose();
    }

    private LazyAttention? OpenLazyAttention() => Card.Streaming is { Attention: { } maps } parts
        ? new(() => OpenEncoder().Bind([1], TokenPath.MapsOf(parts)), _attended, parts.Tubelet, maps.Height * maps.Width)
        : null;

    // One that failed may work another time.
    private OpenGraph OpenEncoder()
    {
        lock (_opening)
        {
            try
            {
                return _encoder ??= _openEncoder();
            }
            catch (OnnxRuntimeException failed)
            {
                throw new DeviceException(
                    $"{Card.Streaming!.FrameEncoder.Path}, which tells where the model looks, does not run: "
                    + failed.Message.Split('\n')[0], failed);
            }
        }
    }

    // A graph can be sound on paper and still be refused by the device that is to run it.
    internal static T Running<T>(ConfigCheck check, ModelCard card, Func<T> step)
    {
        try
        {
            return step();
        }
        catch (Exception failed) when (failed is OnnxRuntimeException or ScoringException)
        {
            check.At(nameof(Card.Model))
                .Report(nameof(Card.Model.Path), $"is {card.Model.Path}; it can be read and does not run: {failed.Message.Split('\n')[0]}");
            check.ThrowIfAny();
            throw;
        }
    }

    [LoggerMessage(LogLevel.Information, "Model {Name} is ready on {Device} after {Milliseconds:f0} ms ({Path})")]
    private static partial void LogLoaded(ILogger log, string name, string device, string path, double milliseconds);

    [LoggerMessage(
        LogLevel.Error, "Model {Name}: its two parts do not give what the whole gives, so windows go through whole; build it again")]
    private static partial void LogParts(ILogger log, string name);
}
