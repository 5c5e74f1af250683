using ActionStream.Ingest.Packets.Pictures;

namespace ActionStream.Unit.Ingest.Packets.Pictures;

/// <summary>Headers of H.264 that no encoder at hand writes, but the standard allows: every branch of their syntax by chance. The
/// contents of the pictures are noise.</summary>
internal sealed class RandomH264
{
    private const int Sets = 8;
    private readonly Random _chance;
    private readonly Sequence[] _sequences = new Sequence[Sets];
    private readonly Pictures[] _pictures = new Pictures[Sets * 4];
    private readonly List<byte> _parameters = [];

    public RandomH264(int seed)
    {
        _chance = new(seed);
        for (var i = 0; i < Sets; i++)
        {
            _parameters.AddRange(BitWriter.Unit([0x67], WriteSequence(i)));
        }

        for (var i = 0; i < _pictures.Length; i++)
        {
            _parameters.AddRange(BitWriter.Unit([0x68], WritePictures(i)));
        }
    }

    public byte[] Parameters => [.. _parameters];

    /// <summary>A delimiter, and a picture of one slice; null for a picture that must not be read.</summary>
    public (byte[] Packet, Picture? Truth) Next()
    {
        var id = _chance.Next(_pictures.Length);
        var pictures = _pictures[id];
        var sequence = _sequences[pictures.Sequence];
        var isStart = _chance.Next(4) == 0;
        var importance = isStart ? 1 + _chance.Next(3) : _chance.Next(4);
        var kind = isStart ? 2 : _chance.Next(3);
        var to = new BitWriter();
        to.Unsigned(0).Unsigned(kind + (5 * _chance.Next(2))).Unsigned(id);
        to.Bits(0, sequence.HasPlanes ? 2 : 0);
        to.Bits(isStart ? 0 : _chance.Next(1 << sequence.FrameBits), sequence.FrameBits);
        var isField = !sequence.IsFramesOnly && to.Flag(_chance.Next(6) == 0) && to.Any(_chance, 1) is not null;
        if (isStart)
        {
            to.Unsigned(_chance.Next(65536));
        }

        WriteOrder(to, sequence, pictures, isField);
        if (pictures.HasRedundant)
        {
            to.Unsigned(0);
        }

        var (first, second) = WriteReferences(to, pictures, kind);
        if ((kind == 0 && pictures.IsWeighted) || (kind == 1 && pictures.WeightedBoth == 1))
        {
            WriteWeights(to, sequence.HasChroma, first, kind == 1 ? second : 0);
        }

        if (importance > 0)
        {
            WriteMarking(to, isStart);
        }

        if (pictures.IsArithmetic && kind != 2)
        {
            to.Unsigned(_chance.Next(3));
        }

        var quantiser = _chance.Next(-sequence.Offset, 52);
        to.Signed(quantiser - pictures.Quantiser);
        if (pictures.HasDeblocking)
        {
            to.Unsigned(1);
        }

        byte[] slice = [.. to.Bits(0xFF, 8).End(), .. Noise(), 0x80];
        var unit = BitWriter.Unit([(byte)((importance << 5) | (isStart ? 5 : 1))], slice);
        var type = kind == 2 ? PictureType.Intra : kind == 0 ? PictureType.Predicted : PictureType.Bidirectional;
        return ([.. BitWriter.Unit([0x09], [0xF0]), .. unit], isField ? null : new(type, quantiser, isStart));
    }

    private byte[] Noise()
    {
        var noise = new byte[20 + _chance.Next(100)];
        _chance.NextBytes(noise);
        return noise;
    }

    private byte[] WriteSequence(int id)
    {
        int[] profiles = [66, 77, 100, 110, 122, 244];
        var profile = profiles[_chance.Next(profiles.Length)];
        var to = new BitWriter().Bits(profile, 8).Bits(0, 8).Bits(40, 8).Unsigned(id);
        var (chroma, depth, hasPlanes) = (1, 0, false);
        if (profile >= 100)
        {
            chroma = profile == 244 ? _chance.Next(4) : _chance.Next(profile == 122 ? 3 : 2);
            to.Unsigned(chroma);
            hasPlanes = chroma == 3 && to.Flag(_chance.Next(2) == 0);
            depth = profile == 100 ? 0 : _chance.Next(profile == 244 ? 7 : 3);
            to.Unsigned(depth).Unsigned(depth).Bits(0, 1);
            WriteScaling(to, chroma);
        }

        var frameBits = 4 + _chance.Next(13);
        to.Unsigned(frameBits - 4);
        var (order, orderBits, isDeltaZero) = (_chance.Next(3), 0, false);
        to.Unsigned(order);
        if (order == 0)
        {
            orderBits = 4 + _chance.Next(13);
            to.Unsigned(orderBits - 4);
        }
        else if (order == 1)
        {
            isDeltaZero = to.Flag(_chance.Next(2) == 0);
            to.Signed(_chance.Next(-100_000, 100_000)).Signed(_chance.Next(-100_000, 100_000));
            var cycle = _chance.Next(4);
            to.Unsigned(cycle);
            for (; cycle > 0; cycle--)
            {
                to.Signed(_chance.Next(-100_000, 100_000));
            }
        }

        to.Unsigned(8).Any(_chance, 1).Unsigned(19).Unsigned(14);
        var isFramesOnly = to.Flag(_chance.Next(2) == 0);
        if (!isFramesOnly)
        {
            to.Any(_chance, 1);
        }

        to.Bits(1, 1).Bits(0, 2); // direct prediction of 8x8; no cropping, nothing about showing
        _sequences[id] = new(
            chroma != 0 && !hasPlanes, hasPlanes, 6 * depth, frameBits, order, orderBits, isDeltaZero, isFramesOnly);
        return to.End();
    }

    private void WriteScaling(BitWriter to, int chroma)
    {
        if (!to.Flag(_chance.Next(2) == 0))
        {
            return;
        }

        for (var list = 0; list < (chroma == 3 ? 12 : 8); list++)
        {
            if (!to.Flag(_chance.Next(2) == 0))
            {
                continue;
            }

            var last = 8;
            for (var left = list < 6 ? 16 : 64; left > 0 && last != 0; left--)
            {
                var next = _chance.Next(10) == 0 ? 0 : 1 + _chance.Next(60);
                to.Signed(next - last);
                last = next;
            }
        }
    }

    private byte[] WritePictures(int id)
    {
        var to = new BitWriter();
        var sequence = _chance.Next(Sets);
        to.Unsigned(id).Unsigned(sequence);
        var isArithmetic = to.Flag(_chance.Next(2) == 0);
        var hasBottom = to.Flag(_chance.Next(2) == 0);
        var (first, second) = (1 + _chance.Next(16), 1 + _chance.Next(16));
        to.Unsigned(0).Unsigned(first - 1).Unsigned(second - 1);
        var isWeighted = to.Flag(_chance.Next(2) == 0);
        var both = _chance.Next(3);
        to.Bits(both, 2);
        var quantiser = _chance.Next(-_sequences[sequence].Offset, 52);
        to.Signed(quantiser - 26).Signed(_chance.Next(-26, 26)).Signed(_chance.Next(-12, 13));
        var hasDeblocking = to.Flag(_chance.Next(2) == 0);
        to.Any(_chance, 1);
        var hasRedundant = to.Flag(_chance.Next(2) == 0);
        _pictures[id] = new(
            sequence, isArithmetic, hasBottom, first, second, isWeighted, both, quantiser, hasDeblocking, hasRedundant);
        return to.End();
    }

    private void WriteOrder(BitWriter to, Sequence sequence, Pictures pictures, bool isField)
    {
        var hasBottom = pictures.HasBottom && !isField;
        if (sequence.Order == 0)
        {
            to.Bits(_chance.Next(1 << sequence.OrderBits), sequence.OrderBits);
        }

        if (sequence.Order == 1 && !sequence.IsDeltaZero)
        {
            to.Signed(_chance.Next(-5000, 5000));
        }

        if (hasBottom && (sequence.Order == 0 || (sequence.Order == 1 && !sequence.IsDeltaZero)))
        {
            to.Signed(_chance.Next(-5000, 5000));
        }
    }

    private (int First, int Second) WriteReferences(BitWriter to, Pictures pictures, int kind)
    {
        if (kind == 2)
        {
            return (0, 0);
        }

        to.Any(_chance, kind == 1 ? 1 : 0);
        var (first, second) = (pictures.First, pictures.Second);
        if (to.Flag(_chance.Next(2) == 0))
        {
            (first, second) = (1 + _chance.Next(16), 1 + _chance.Next(16));
            to.Unsigned(first - 1);
            if (kind == 1)
            {
                to.Unsigned(second - 1);
            }
        }

        foreach (var count in kind == 1 ? new[] { first, second } : [first])
        {
            if (to.Flag(_chance.Next(2) == 0))
            {
                for (var left = _chance.Next(count + 1); left > 0; left--)
                {
                    to.Unsigned(_chance.Next(3)).Unsigned(_chance.Next(8));
                }

                to.Unsigned(3);
            }
        }

        return (first, second);
    }

    private void WriteWeights(BitWriter to, bool hasChroma, int first, int second)
    {
        to.Unsigned(_chance.Next(8));
        if (hasChroma)
        {
            to.Unsigned(_chance.Next(8));
        }

        for (var left = first + second; left > 0; left--)
        {
            for (var plane = 0; plane < (hasChroma ? 2 : 1); plane++)
            {
                if (to.Flag(_chance.Next(2) == 0))
                {
                    for (var number = 0; number < 2 + (2 * plane); number++)
                    {
                        to.Signed(_chance.Next(-128, 128));
                    }
                }
            }
        }
    }

    private void WriteMarking(BitWriter to, bool isStart)
    {
        if (isStart)
        {
            to.Any(_chance, 2);
        }
        else if (to.Flag(_chance.Next(2) == 0))
        {
            for (var left = _chance.Next(5); left > 0; left--)
            {
                var command = 1 + _chance.Next(6);
                to.Unsigned(command);
                for (var numbers = command switch { 5 => 0, 3 => 2, _ => 1 }; numbers > 0; numbers--)
                {
                    to.Unsigned(_chance.Next(8));
                }
            }

            to.Unsigned(0);
        }
    }

    private sealed record Sequence(
        bool HasChroma, bool HasPlanes, int Offset, int FrameBits, int Order, int OrderBits, bool IsDeltaZero, bool IsFramesOnly);

    private sealed record Pictures(
        int Sequence, bool IsArithmetic, bool HasBottom, int First, int Second, bool IsWeighted, int WeightedBoth, int Quantiser,
        bool HasDeblocking, bool HasRedundant);
}
