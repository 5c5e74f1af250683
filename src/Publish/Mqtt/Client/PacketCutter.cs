using System.Buffers.Binary;

namespace ActionStream.Publish.Mqtt.Client;

/// <summary>Reads a broker's bytes and cuts the payload of every message that is too large to hold: its topic, its flags and
/// the first bytes stay, so that it can be acknowledged, counted and named.</summary>
internal sealed class PacketCutter(bool isMqtt5)
{
    /// <summary>The largest packet that is passed on whole.</summary>
    public const int Largest = 1 << 20;

    /// <summary>What stays of the payload of a larger one.</summary>
    public const int Kept = 1 << 10;

    private const int Publish = 3;

    private readonly byte[] _fixed = new byte[5];
    private ReadOnlyMemory<byte> _ready;
    private byte[]? _scratch;
    private long _pass;
    private long _skip;

    /// <summary>Reads from the connection: as many bytes as there are, at most count; 0 at its end.</summary>
    public delegate Task<int> ReadBytesAsync(byte[] buffer, int offset, int count, CancellationToken cancel);

    /// <summary>Like <paramref name="read"/>, with large messages cut.</summary>
    public async Task<int> ReadAsync(ReadBytesAsync read, byte[] buffer, int offset, int count, CancellationToken cancel)
    {
        if (_ready.IsEmpty && _pass == 0 && !(await SkipAsync(read, cancel) && await BeginAsync(read, cancel)))
        {
            return 0;
        }

        if (_ready.IsEmpty)
        {
            var passed = await read(buffer, offset, (int)Math.Min(count, _pass), cancel);
            _pass -= passed;
            return passed;
        }

        var taken = Math.Min(count, _ready.Length);
        _ready[..taken].CopyTo(buffer.AsMemory(offset));
        _ready = _ready[taken..];
        return taken;
    }

    private async Task<bool> SkipAsync(ReadBytesAsync read, CancellationToken cancel)
    {
        for (; _skip > 0;)
        {
            _scratch ??= new byte[64 << 10];
            var skipped = await read(_scratch, 0, (int)Math.Min(_scratch.Length, _skip), cancel);
            if (skipped == 0)
            {
                return false;
            }

            _skip -= skipped;
        }

        _scratch = null;
        return true;
    }

    // A packet is its type, the length of the rest in one to four bytes of seven bits, and the rest.
    private async Task<bool> BeginAsync(ReadBytesAsync read, CancellationToken cancel)
    {
        if (!await FillAsync(read, _fixed, 0, 2, cancel))
        {
            return false;
        }

        var bytes = 2;
        for (; (_fixed[bytes - 1] & 0x80) != 0; bytes++)
        {
            if (bytes == _fixed.Length)
            {
                throw new IOException("the broker sent a packet whose length cannot be read");
            }

            if (!await FillAsync(read, _fixed, bytes, 1, cancel))
            {
                return false;
            }
        }

        var length = Number(_fixed.AsSpan(1, bytes - 1));
        if (length > Largest)
        {
            return await CutAsync(read, length, cancel);
        }

        (_ready, _pass) = (_fixed.AsMemory(0, bytes), length);
        return true;
    }

    private async Task<bool> CutAsync(ReadBytesAsync read, int length, CancellationToken cancel)
    {
        if (_fixed[0] >> 4 != Publish)
        {
            throw new IOException($"the broker sent a packet of {length} bytes that is no message; at most {Largest} are expected");
        }

        var rest = new List<byte>(Kept + 256);
        var isWhole = await AddAsync(read, rest, 2, cancel)
            && await AddAsync(read, rest, BinaryPrimitives.ReadUInt16BigEndian(rest.ToArray()), cancel)
            && ((_fixed[0] & 0b0110) == 0 || await AddAsync(read, rest, 2, cancel)) // QoS 1 and 2 have a number
            && (!isMqtt5 || await AddPropertiesAsync(read, rest, cancel))
            && await AddAsync(read, rest, Math.Min(Kept, Math.Max(0, length - rest.Count)), cancel);
        var head = new List<byte> { _fixed[0] };
        for (var left = rest.Count; ;)
        {
            head.Add((byte)((left & 0x7F) | (left > 0x7F ? 0x80 : 0)));
            left >>= 7;
            if (left == 0)
            {
                break;
            }
        }

        (_ready, _skip) = (new([.. head, .. rest]), length - rest.Count);
        return isWhole;
    }

    private static async Task<bool> AddPropertiesAsync(ReadBytesAsync read, List<byte> rest, CancellationToken cancel)
    {
        var from = rest.Count;
        do
        {
            if (rest.Count - from == 4 || !await AddAsync(read, rest, 1, cancel))
            {
                return false;
            }
        }
        while ((rest[^1] & 0x80) != 0);
        var length = Number(rest.ToArray().AsSpan(from));
        return length <= Largest
            ? await AddAsync(read, rest, length, cancel)
            : throw new IOException($"the broker sent a message with {length} bytes of properties; at most {Largest} are expected");
    }

    private static async Task<bool> AddAsync(ReadBytesAsync read, List<byte> rest, int count, CancellationToken cancel)
    {
        var bytes = new byte[count];
        if (!await FillAsync(read, bytes, 0, count, cancel))
        {
            return false;
        }

        rest.AddRange(bytes);
        return true;
    }

    private static async Task<bool> FillAsync(ReadBytesAsync read, byte[] buffer, int offset, int count, CancellationToken cancel)
    {
        for (var filled = 0; filled < count;)
        {
            var more = await read(buffer, offset + filled, count - filled, cancel);
            if (more == 0)
            {
                return false;
            }

            filled += more;
        }

        return true;
    }

    private static int Number(ReadOnlySpan<byte> sevenBits)
    {
        var number = 0;
        for (var i = sevenBits.Length - 1; i >= 0; i--)
        {
            number = (number << 7) | (sevenBits[i] & 0x7F);
        }

        return number;
    }
}
