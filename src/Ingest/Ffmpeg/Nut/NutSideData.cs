using System.Text;

namespace ActionStream.Ingest.Ffmpeg.Nut;

/// <summary>What may stand before a frame's bytes and be no part of them; of interest is what replaces the parameters in the stream's
/// header.</summary>
internal static class NutSideData
{
    private const int MostItems = 64;
    private const int MostBytes = 1 << 16;
    private const int LongestName = 256;

    /// <summary>Reads all of it.</summary>
    /// <returns>The new parameters; null where there are none.</returns>
    /// <exception cref="NutException">The bytes are something else.</exception>
    public static byte[]? Read(ByteSource bytes)
    {
        byte[]? parameters = null;
        for (var list = 0; list < 2; list++) // of the frame, and of what it is about
        {
            for (var items = bytes.ReadInt(MostItems); items > 0; items--)
            {
                var isParameters = ReadText(bytes) == "Extradata";
                var value = ReadValue(bytes);
                parameters = isParameters && list == 0 && value is not null ? value : parameters;
            }
        }

        return parameters;
    }

    // Null for anything but bytes.
    private static byte[]? ReadValue(ByteSource bytes)
    {
        switch (bytes.ReadSigned())
        {
            case -1:
                ReadText(bytes);
                return null;
            case -2:
                ReadText(bytes); // what kind of bytes
                return ReadBytes(bytes, MostBytes);
            case -3 or < -4:
                bytes.ReadSigned();
                return null;
            case -4:
                bytes.ReadNumber();
                return null;
            default:
                return null; // it was the value itself
        }
    }

    private static string ReadText(ByteSource bytes) => Encoding.UTF8.GetString(ReadBytes(bytes, LongestName));

    private static byte[] ReadBytes(ByteSource bytes, int most)
    {
        var read = new byte[bytes.ReadInt(most)];
        bytes.ReadExactly(read);
        return read;
    }
}
