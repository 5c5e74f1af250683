using ActionStream.Publish.Mqtt.Receiving;

namespace ActionStream.Publish;

/// <summary>What people may ask of a camera while it runs. Nothing of it outlives a restart: the configuration does.</summary>
public sealed partial class PublishStage
{
    bool ICommandTarget.Knows(string camera)
    {
        lock (_lock)
        {
            return _publishers.ContainsKey(camera);
        }
    }

    CommandOutcome ICommandTarget.Switch(string camera, bool isOn)
    {
        if (_controls is null)
        {
            return CommandOutcome.Unsupported;
        }

        _controls.Switch(camera, isOn); // without the lock: it may report at once
        lock (_lock)
        {
            _publishers.GetValueOrDefault(camera)?.PublishEnabled(isOn);
        }

        return CommandOutcome.Done;
    }

    CommandOutcome ICommandTarget.SetThreshold(string camera, string classSlug, double enter)
    {
        lock (_lock)
        {
            var isKnown = _publishers.GetValueOrDefault(camera)?.SetThreshold(classSlug, enter) == true;
            return isKnown ? CommandOutcome.Done : CommandOutcome.UnknownClass;
        }
    }

    CommandOutcome ICommandTarget.TakeSnapshot(string camera) =>
        _controls?.TakeSnapshot(camera) == true ? CommandOutcome.Done : CommandOutcome.Unsupported;
}
