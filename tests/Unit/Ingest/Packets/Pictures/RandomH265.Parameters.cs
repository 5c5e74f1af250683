namespace ActionStream.Unit.Ingest.Packets.Pictures;

/// <summary>Its parameter sets.</summary>
internal sealed partial class RandomH265
{
    private byte[] WriteVideo()
    {
        var to = new BitWriter().Bits(0, 4).Bits(3, 2).Bits(0, 6).Bits(0, 3).Bits(1, 1).Bits(0xFFFF, 16);
        WriteProfile(to, profile: 4, layers: 0);
        to.Bits(1, 1).Unsigned(15).Unsigned(0).Unsigned(0).Bits(0, 6).Unsigned(0).Bits(0, 2);
        return to.End();
    }

    private void WriteProfile(BitWriter to, int profile, int layers)
    {
        to.Bits(0, 3).Bits(profile, 5).Bits(1L << (31 - profile), 32).Bits(0x9, 4).Bits(0, 44).Bits(120, 8);
        var has = Enumerable.Range(0, 2 * layers).Select(_ => to.Flag(Maybe)).ToList();
        to.Bits(0, layers > 0 ? 2 * (8 - layers) : 0);
        for (var i = 0; i < layers; i++)
        {
            if (has[2 * i])
            {
                to.Bits(0, 3).Bits(profile, 5).Bits(1L << (31 - profile), 32).Bits(0x9, 4).Bits(0, 44);
            }

            to.Bits(90, has[(2 * i) + 1] ? 8 : 0);
        }
    }

    private byte[] WriteSequence(int id)
    {
        var layers = _chance.Next(7);
        var profile = 1 + _chance.Next(4);
        var to = new BitWriter().Bits(0, 4).Bits(layers, 3).Bits(1, 1);
        WriteProfile(to, profile, layers);
        var chroma = _chance.Next(4);
        to.Unsigned(id).Unsigned(chroma);
        var hasPlanes = chroma == 3 && to.Flag(Maybe);
        to.Unsigned(416).Unsigned(240);
        if (to.Flag(Maybe))
        {
            to.Unsigned(1).Unsigned(2).Unsigned(3).Unsigned(4);
        }

        var depth = _chance.Next(9);
        to.Unsigned(depth).Unsigned(depth);
        var orderBits = 4 + _chance.Next(13);
        to.Unsigned(orderBits - 4);
        for (var layer = to.Flag(Maybe) ? 0 : layers; layer <= layers; layer++)
        {
            to.Unsigned(15).Unsigned(0).Unsigned(0);
        }

        var least = 3 + _chance.Next(2);
        var largest = least + 1 + _chance.Next(2);
        to.Unsigned(least - 3).Unsigned(largest - least).Unsigned(0).Unsigned(_chance.Next(3)).Unsigned(1).Unsigned(1);
        if (to.Flag(Maybe) && to.Flag(Maybe))
        {
            WriteScaling(to);
        }

        to.Any(_chance, 1);
        var hasSao = to.Flag(Maybe);
        if (to.Flag(Maybe))
        {
            to.Bits(0x77, 8).Unsigned(least - 3).Unsigned(0).Any(_chance, 1);
        }

        var sets = new List<List<(int, bool)>>();
        var count = _chance.Next(10);
        to.Unsigned(count);
        for (; count > 0; count--)
        {
            sets.Add(WriteSet(to, sets, isInSlice: false));
        }

        List<bool>? longTerm = null;
        if (to.Flag(Maybe))
        {
            longTerm = [];
            var most = _chance.Next(6);
            to.Unsigned(most);
            for (; most > 0; most--)
            {
                to.Any(_chance, orderBits);
                longTerm.Add(to.Flag(Maybe));
            }
        }

        var hasVectors = to.Flag(Maybe);
        to.Any(_chance, 1).Bits(0, 2); // smoothing; nothing about showing, no extensions
        _sequences[id] = new(chroma != 0 && !hasPlanes, hasPlanes, 6 * depth, orderBits, hasSao, sets, longTerm, hasVectors);
        return to.End();
    }

    private void WriteScaling(BitWriter to)
    {
        for (var size = 0; size < 4; size++)
        {
            for (var matrix = 0; matrix < 6; matrix += size == 3 ? 3 : 1)
            {
                if (!to.Flag(Maybe))
                {
                    to.Unsigned(_chance.Next(size == 3 ? (matrix / 3) + 1 : matrix + 1));
                    continue;
                }

                if (size > 1)
                {
                    to.Signed(_chance.Next(-7, 248));
                }

                for (var left = size == 0 ? 16 : 64; left > 0; left--)
                {
                    to.Signed(_chance.Next(-128, 128));
                }
            }
        }
    }

    /// <summary>Reference pictures by their distance: told one by one, or as the change of an earlier set.</summary>
    private List<(int Distance, bool IsUsed)> WriteSet(BitWriter to, List<List<(int Distance, bool IsUsed)>> before, bool isInSlice)
    {
        if (before.Count > 0 && to.Flag(Maybe))
        {
            var back = isInSlice ? 1 + _chance.Next(before.Count) : 1;
            if (isInSlice)
            {
                to.Unsigned(back - 1);
            }

            var shift = _chance.Next(1, 20) * (to.Flag(Maybe) ? -1 : 1);
            to.Unsigned(Math.Abs(shift) - 1);
            var moved = new List<(int Distance, bool IsUsed)>();
            var source = before[^back];
            foreach (var distance in source.Select(picture => picture.Distance).Append(0))
            {
                var isUsed = to.Flag(moved.Count < 12 && Maybe);
                if ((isUsed || to.Flag(moved.Count < 12 && Maybe)) && distance + shift != 0)
                {
                    moved.Add((distance + shift, isUsed));
                }
            }

            return Sorted(moved);
        }

        var (earlier, later) = (_chance.Next(6), _chance.Next(6));
        to.Unsigned(earlier).Unsigned(later);
        var set = new List<(int, bool)>();
        foreach (var (count, sign) in new[] { (earlier, -1), (later, 1) })
        {
            var distance = 0;
            for (var left = count; left > 0; left--)
            {
                var step = 1 + _chance.Next(8);
                distance += sign * step;
                to.Unsigned(step - 1);
                set.Add((distance, to.Flag(Maybe)));
            }
        }

        return set;
    }

    /// <summary>Those shown earlier first, and of each side the nearest first.</summary>
    private static List<(int Distance, bool IsUsed)> Sorted(List<(int Distance, bool IsUsed)> pictures) =>
        [.. pictures.OrderBy(picture => picture.Distance > 0).ThenBy(picture => Math.Abs(picture.Distance))];

    private byte[] WritePictures(int id)
    {
        var to = new BitWriter();
        var sequence = _chance.Next(Sets);
        to.Unsigned(id).Unsigned(sequence).Any(_chance, 1);
        var hasOutput = to.Flag(Maybe);
        var extra = _chance.Next(3);
        to.Bits(extra, 3).Any(_chance, 1);
        var hasContextStart = to.Flag(Maybe);
        var (first, second) = (1 + _chance.Next(15), 1 + _chance.Next(15));
        to.Unsigned(first - 1).Unsigned(second - 1);
        var quantiser = _chance.Next(-_sequences[sequence].Offset, 52);
        to.Signed(quantiser - 26).Any(_chance, 2);
        if (to.Flag(Maybe))
        {
            to.Unsigned(1);
        }

        to.Signed(_chance.Next(-12, 13)).Signed(_chance.Next(-12, 13)).Bits(0, 1);
        var isWeighted = to.Flag(Maybe);
        var isWeightedBoth = to.Flag(Maybe);
        to.Any(_chance, 1);
        var hasTiles = to.Flag(Maybe);
        to.Any(_chance, 1);
        if (hasTiles)
        {
            to.Unsigned(1).Unsigned(2);
            if (!to.Flag(Maybe))
            {
                to.Unsigned(0).Unsigned(1).Unsigned(0);
            }

            to.Any(_chance, 1);
        }

        to.Any(_chance, 1);
        if (to.Flag(Maybe))
        {
            to.Any(_chance, 1);
            if (!to.Flag(Maybe))
            {
                to.Signed(_chance.Next(-6, 7)).Signed(_chance.Next(-6, 7));
            }
        }

        if (to.Flag(Maybe))
        {
            WriteScaling(to);
        }

        var hasReordering = to.Flag(Maybe);
        to.Unsigned(_chance.Next(2)).Any(_chance, 1).Bits(0, 1);
        _pictures[id] = new(
            sequence, hasOutput, extra, hasContextStart, first, second, quantiser, isWeighted, isWeightedBoth, hasReordering);
        return to.End();
    }
}
