using ActionStream.Publish.Mqtt.Client;

namespace ActionStream.Publish.Mqtt.Sending;

/// <summary>Notices two instances that throw each other out because they use one client id.</summary>
/// <remarks>A broker without MQTT 5 does not say why it cut the connection; that it happens again and again
/// just after connecting says it.</remarks>
internal sealed class TakeOverGuard
{
    /// <summary>A connection this short is suspicious.</summary>
    public static readonly TimeSpan Brief = TimeSpan.FromSeconds(10);

    /// <summary>How long to leave the broker to the other one.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    private const int Suspicious = 3;

    private int _row;

    /// <summary>Takes note of a lost connection. True if another instance is at work and it is time to stay away.</summary>
    public bool IsTakenOver(TimeSpan stood, MqttFault fault)
    {
        if (fault is MqttFault.TakenOver)
        {
            _row++;
        }
        else
        {
            _row = stood < Brief ? _row + 1 : 0;
        }

        if (_row < Suspicious)
        {
            return false;
        }

        _row = 0;
        return true;
    }
}
