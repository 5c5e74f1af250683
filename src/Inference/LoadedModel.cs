using ActionStream.Core.Configuration;
using ActionStream.Core.Modelling;
using ActionStream.Inference.Clips;
using ActionStream.Inference.Onnx;
using Microsoft.Extensions.Logging;
using Microsoft.ML.OnnxRuntime;

namespace ActionStream.Inference;

/// <summary>A model folder, checked against its card, on its device, warmed up.</summary>
public sealed partial class LoadedModel : IClipModel, IDisposable
{
    private readonly OpenedSession _opened;
    private readonly TensorPort _input;
    private readonly TensorPort _output;
    private readonly int _deviceIndex;

    private LoadedModel(ModelCard card, InferenceOptions options, OpenedSession opened, TensorPort input, TensorPort output)
    {
        (Card, Requested, _opened, _input, _output) = (card, OnnxSessionFactory.Word(options.Device), opened, input, output);
        _deviceIndex = options.DeviceIndex;
        var policy = options.Batch.PolicyOn(opened.IsGpu);
        Policy = opened.Session.InputMetadata[input.Name].Dimensions[0] == 1 ? policy with { MaxSize = 1 } : policy; // exported for one clip at a time
        Workers = options.Batch.WorkersOn(opened.IsGpu, Environment.ProcessorCount);
    }

    public ModelCard Card { get; }

    public string Requested { get; }

    public string Device => _opened.Device;

    public bool IsGpu => _opened.IsGpu;

    /// <summary>The rules of batching on this device.</summary>
    public BatchPolicy Policy { get; }

    /// <summary>How many workers this device wants.</summary>
    public int Workers { get; }

    /// <summary>Holds the folder's files against the card, without loading anything to run.</summary>
    public static void CheckFiles(string folder, ModelCard card, ConfigCheck check) => ModelFolder.Check(folder, card, check);

    /// <summary>Checks the folder against its card, opens it on the device, runs it once in every batch size.</summary>
    /// <param name="folder">Where the card lies.</param>
    /// <param name="card">As read; has been checked by itself or not.</param>
    /// <param name="check">For the card's file, so that problems carry its name and lines.</param>
    /// <exception cref="ConfigException">Card and files do not fit, with every reason.</exception>
    /// <exception cref="DeviceException">The device that was asked for does not load.</exception>
    public static LoadedModel Load(
        string folder, ModelCard card, ConfigCheck check, InferenceOptions options, TimeProvider time, ILogger<LoadedModel> log)
    {
        card.Check(check);
        check.ThrowIfAny(); // what follows relies on the card making sense
        ModelFolder.Check(folder, card, check);
        check.ThrowIfAny();

        var startedAt = time.GetTimestamp();
        var opened = Running(check, card, () => new OnnxSessionFactory(options, log).Open(Path.Combine(folder, card.Model.Path)));
        var input = new TensorPort(
            card.Input.Name, opened.Session.InputMetadata[card.Input.Name].ElementDataType,
            [card.Input.Frames, card.Input.Height, card.Input.Width, 3]);
        var output = new TensorPort(
            card.Output.Name, opened.Session.OutputMetadata[card.Output.Name].ElementDataType, [card.Labels.Count]);
        var model = new LoadedModel(card, options, opened, input, output);
        try
        {
            Running(check, card, model.WarmUp);
            LogLoaded(log, card.Name, model.Device, time.GetElapsedTime(startedAt).TotalMilliseconds);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    public IClipScorer OpenScorer(BatchPolicy policy) => OpenWindows(policy);

    public void Dispose() => _opened.Session.Dispose();

    private WindowScorer OpenWindows(BatchPolicy policy) =>
        new(new BoundSession(_opened.Session, _input, _output, policy.Buckets(IsGpu), IsGpu, _deviceIndex));

    private bool WarmUp()
    {
        using var scorer = OpenWindows(Policy);
        scorer.WarmUp(Policy.Buckets(IsGpu));
        return true;
    }

    // A graph can be sound on paper and still be refused by the device that is to run it.
    private static T Running<T>(ConfigCheck check, ModelCard card, Func<T> step)
    {
        try
        {
            return step();
        }
        catch (OnnxRuntimeException failed)
        {
            check.At(nameof(Card.Model)).Report(nameof(Card.Model.Path), $"is {card.Model.Path}; it can be read and does not run: {failed.Message.Split('\n')[0]}");
            check.ThrowIfAny();
            throw;
        }
    }

    [LoggerMessage(LogLevel.Information, "Model {Name} is ready on {Device} after {Milliseconds:f0} ms")]
    private static partial void LogLoaded(ILogger log, string name, string device, double milliseconds);
}
