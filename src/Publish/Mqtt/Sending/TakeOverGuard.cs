using ActionStream.Publish.Mqtt.Client;

namespace ActionStream.Publish.Mqtt.Sending;

/// <summary>Notices connections that are cut again and again, as two instances with one client id do to each other: the
/// broker is then left alone for a while.</summary>
/// <remarks>Only with MQTT 5 does it say that this was why. Without it, short connections say only that something is wrong.</remarks>
internal sealed class TakeOverGuard
{
    /// <summary>A connection this short is suspicious.</summary>
    public static readonly TimeSpan Brief = TimeSpan.FromSeconds(10);

    /// <summary>How long to leave the broker to the other one.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    /// <summary>This many in a row are no chance.</summary>
    public const int Suspicious = 3;

    private int _row;

    /// <summary>Why connections were cut is known, and mended.</summary>
    public void Forget() => _row = 0;

    /// <summary>Takes note of a lost connection.</summary>
    public bool IsTimeToStayAway(TimeSpan stood, MqttFault fault)
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
