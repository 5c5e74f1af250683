namespace ActionStream.Ingest.Packets.Pictures;

/// <summary>MPEG-4 part 2: type and quantiser stand in the header of the picture, whose layout the header of the layer tells.</summary>
/// <remarks>Not read: pictures that are left out, global motion, shapes, layers, two pictures in one packet.</remarks>
public sealed class Mpeg4Pictures : IPictureReader
{
    private const byte Group = 0xB3;
    private const byte VideoObjectPlane = 0xB6;
    private Mpeg4Layer _layer;

    /// <param name="extraData">The headers before the first picture, or nothing.</param>
    public Mpeg4Pictures(ReadOnlySpan<byte> extraData) => TryRead(extraData, out _);

    /// <remarks>An intra picture is a clean start if no picture of the layer may be predicted of a later one, or if its group says
    /// that none of those before it in showing order is predicted of the group before.</remarks>
    public bool TryRead(ReadOnlySpan<byte> packet, out Picture picture)
    {
        picture = default;
        var isClosed = false;
        var hasPicture = false;
        var units = new NalUnits(packet, lengthSize: 0);
        while (units.MoveNext())
        {
            var bits = new BitReader(units.Current[1..], isEscaped: false);
            switch (units.Current[0])
            {
                case >= 0x20 and <= 0x2F:
                    _layer = Mpeg4Layer.Read(ref bits);
                    break;
                case Group:
                    bits.Skip(18); // hours, minutes, marker, seconds
                    isClosed = bits.Flag();
                    break;
                case VideoObjectPlane when hasPicture || !TryRead(ref bits, isClosed, out picture):
                    return false;
                case VideoObjectPlane:
                    hasPicture = true;
                    break;
                default:
                    break;
            }
        }

        return hasPicture && !units.HasFailed;
    }

    private bool TryRead(ref BitReader bits, bool isClosed, out Picture picture)
    {
        picture = default;
        var type = bits.Bits(2);
        for (var seconds = 0; bits.Flag(); seconds++)
        {
            if (seconds == 60)
            {
                return false;
            }
        }

        bits.Marker();
        bits.Bits(_layer.TimeBits);
        bits.Marker();
        if (!_layer.IsKnown || type == 3 || (type == 2 && !_layer.MayReorder) || !bits.Flag())
        {
            return false;
        }

        bits.Skip(type == 1 ? 1 : 0); // rounding
        bits.Bits(3); // where the tables change
        bits.Skip(_layer.IsInterlaced ? 2 : 0);
        var quantiser = (int)bits.Bits(_layer.QuantiserBits);
        picture = new((PictureType)type, quantiser, IsCleanStart: type == 0 && (isClosed || !_layer.MayReorder));
        return !bits.HasFailed && quantiser > 0;
    }
}
