using System.Globalization;
using System.Text;

namespace ActionStream.EndToEnd.Support;

/// <summary>Changes bytes of one RTSP connection (RTP interleaved, RFC 2326 section 10.12) in passing, to order.</summary>
internal sealed class LineSpoiler(LineFaults faults, Random chance)
{
    private const int RtpHeader = 12;
    private const int FirstByteOfTime = 4;

    private readonly StringBuilder _text = new();
    private int _skip;
    private int _header;
    private int _channel;
    private int _length;
    private int _at = -1;

    public void Pass(Span<byte> bytes)
    {
        foreach (ref var one in bytes)
        {
            var (before, isPicture) = (one, _at >= RtpHeader && _channel % 2 == 0);
            if (_at == FirstByteOfTime && _channel % 2 == 0)
            {
                one += faults.ClockSteps;
            }

            Follow(before);
            if ((isPicture && chance.NextDouble() < faults.Damage) || chance.NextDouble() < faults.Tear)
            {
                one ^= (byte)(1 << chance.Next(8));
            }
        }
    }

    /// <summary>Where in the protocol the next byte is.</summary>
    private void Follow(byte one)
    {
        if (_at >= 0)
        {
            _at = _at + 1 < _length ? _at + 1 : -1;
        }
        else if (_skip > 0)
        {
            _skip--;
        }
        else if (_header > 0)
        {
            (_channel, _length) = _header switch
            {
                3 => (one, 0),
                2 => (_channel, one << 8),
                _ => (_channel, _length | one),
            };
            _header--;
            _at = _header == 0 && _length > 0 ? 0 : -1;
        }
        else if (_text.Length == 0 && one == '$')
        {
            _header = 3;
        }
        else
        {
            FollowText((char)one);
        }
    }

    private void FollowText(char one)
    {
        _text.Append(one);
        if (one == '\n' && _text.Length >= 4 && _text.ToString(_text.Length - 4, 4) == "\r\n\r\n")
        {
            var length = _text.ToString().Split('\n').FirstOrDefault(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase));
            _skip = length is null ? 0 : int.Parse(length.Split(':')[1].Trim(), CultureInfo.InvariantCulture);
            _text.Clear();
        }
    }
}
