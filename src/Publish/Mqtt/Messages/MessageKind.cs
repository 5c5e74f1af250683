namespace ActionStream.Publish.Mqtt.Messages;

/// <summary>What a message is about; the retained kinds in the order in which they are sent on every connect.</summary>
public enum MessageKind
{
    NodeStatus,
    NodeInfo,
    Discovery,
    CameraStatus,
    State,
    Setting,
    Snapshot,
    Event,
    Scores,
    Stats,
    Recording,
}
