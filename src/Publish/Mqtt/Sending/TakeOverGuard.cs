using ActionStream.Publish.Mqtt.Client;

namespace ActionStream.Publish.Mqtt.Sending;

/// <summary>Notices connections that are cut again and again, as two instances with one client id do to each other: the
/// broker is then left alone for a while.</summary>
/// <remarks>Only with MQTT 5 does it say that this was why. Without it, short connections say only that something is wrong.</remarks>
internal sealed class TakeOverGuard
{
    /// <summary>A connection this short is suspicious.</summary>
    public static readonly TimeSpan Brief = TimeSpan.FromSeconds(10);

    /// <summary>How long to leave the broker to another who is known to use our id, and at most where nobody knows.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    /// <summary>How long at first where nobody knows: it may be no more than a bad line.</summary>
    public static readonly TimeSpan First = TimeSpan.FromSeconds(5);

    /// <summary>This many in a row are no chance.</summary>
    public const int Suspicious = 3;

    private int _row;
    private TimeSpan _pause = First;

    /// <summary>Why connections were cut is known, and mended.</summary>
    public void Forget() => (_row, _pause) = (0, First);

    /// <summary>Takes note of a lost connection: how long to stay away now, null for no longer than after any other.</summary>
    public TimeSpan? StayAway(TimeSpan stood, MqttFault fault)
    {
        if (stood >= Brief && fault is not MqttFault.TakenOver)
        {
            Forget();
            return null;
        }

        if (++_row < Suspicious)
        {
            return null;
        }

        _row = 0;
        var pause = fault is MqttFault.TakenOver ? Longest : _pause;
        _pause = 2 * _pause < Longest ? 2 * _pause : Longest;
        return pause;
    }
}
