using ActionStream.Publish.Mqtt.Receiving;

namespace ActionStream.Publish;

/// <summary>What people may ask of a camera while it runs. Nothing of it outlives a restart: the configuration does.</summary>
public sealed partial class PublishStage
{
    /// <summary>Switches a camera's source on or off, and reports <see cref="Core.Results.StreamState.Disabled"/> when it is off; null where nobody can. On the client's thread.</summary>
    public Action<string, bool>? OnSwitch { get; set; }

    /// <summary>Publishes a snapshot of a camera; null where nobody can. On the client's thread.</summary>
    public Action<string>? OnSnapshot { get; set; }

    bool ICommandTarget.Knows(string camera)
    {
        lock (_turn)
        {
            return _publishers.ContainsKey(camera);
        }
    }

    CommandOutcome ICommandTarget.Switch(string camera, bool isOn)
    {
        if (OnSwitch is not { } change)
        {
            return CommandOutcome.Unsupported;
        }

        change(camera, isOn); // not in our turn: it may report at once
        lock (_turn)
        {
            _publishers.GetValueOrDefault(camera)?.PublishEnabled(isOn);
        }

        return CommandOutcome.Done;
    }

    CommandOutcome ICommandTarget.SetThreshold(string camera, string classSlug, double enter)
    {
        lock (_turn)
        {
            return _publishers.GetValueOrDefault(camera)?.SetThreshold(classSlug, enter) == true ? CommandOutcome.Done : CommandOutcome.UnknownClass;
        }
    }

    CommandOutcome ICommandTarget.TakeSnapshot(string camera)
    {
        if (OnSnapshot is not { } take)
        {
            return CommandOutcome.Unsupported;
        }

        take(camera);
        return CommandOutcome.Done;
    }
}
