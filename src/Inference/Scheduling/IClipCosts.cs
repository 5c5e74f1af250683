using ActionStream.Core.Media;

namespace ActionStream.Inference.Scheduling;

/// <summary>What scheduling and batching need to know of a model: how long it will be busy, not how it answers.</summary>
public interface IClipCosts
{
    /// <summary>How long it takes, as measured so far.</summary>
    ModelCosts Costs { get; }

    /// <summary>What a clip asks of the model right now.</summary>
    ClipWork WorkOf(Clip clip);
}
