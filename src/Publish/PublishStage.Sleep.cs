using ActionStream.Core.Results;
using ActionStream.Publish.Mqtt.Receiving;

namespace ActionStream.Publish;

/// <content>Cameras that sleep: what was last said of their scores stands, and is said again.</content>
public sealed partial class PublishStage : IProgress<Heartbeat>
{
    /// <summary>A camera that sleeps is there. From any thread.</summary>
    public void Report(Heartbeat value)
    {
        lock (_lock)
        {
            _publishers.GetValueOrDefault(value.Stream)?.Repeat(value.Time, _timeline);
        }
    }

    CommandOutcome ICommandTarget.Wake(string camera, TimeSpan time) =>
        _controls?.Wake(camera, time) == true ? CommandOutcome.Done : CommandOutcome.Unsupported;
}
