namespace ActionStream.Bench.Cameras;

/// <summary>A file of H.264 or H.265 (Annex B, with access unit delimiters), cut into what a camera sends at a time.</summary>
internal sealed class CodedVideo
{
    private CodedVideo(bool isHevc, IReadOnlyList<SentPicture> pictures, IReadOnlyList<ReadOnlyMemory<byte>> parameters) =>
        (IsHevc, Pictures, Parameters) = (isHevc, pictures, parameters);

    public bool IsHevc { get; }

    public IReadOnlyList<SentPicture> Pictures { get; }

    /// <summary>VPS (H.265), SPS and PPS, in this order.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Parameters { get; }

    /// <param name="path">Ends in .h264 or .h265.</param>
    public static CodedVideo Load(string path)
    {
        var isHevc = path.EndsWith(".h265", StringComparison.Ordinal);
        var parameters = new SortedDictionary<int, ReadOnlyMemory<byte>>();
        var pictures = new List<SentPicture>();
        var units = new List<ReadOnlyMemory<byte>>();
        var isKey = false;
        foreach (var unit in Units(File.ReadAllBytes(path)))
        {
            var type = TypeOf(unit.Span[0], isHevc);
            if (type == (isHevc ? 35 : 9))
            {
                End();
                continue; // delimiters are for files
            }

            if (isHevc ? type is 32 or 33 or 34 : type is 7 or 8)
            {
                parameters[type] = unit;
            }

            isKey |= isHevc ? type is >= 16 and <= 21 : type == 5;
            units.Add(unit);
        }

        End();
        return pictures is [{ IsKey: true }, ..]
            ? new(isHevc, pictures, [.. parameters.Values])
            : throw new InvalidDataException($"{path} does not begin with a key frame after an access unit delimiter");

        void End()
        {
            if (units.Count > 0)
            {
                pictures.Add(new([.. units], isKey));
            }

            units.Clear();
            isKey = false;
        }
    }

    public static int TypeOf(byte first, bool isHevc) => isHevc ? (first >> 1) & 0x3F : first & 0x1F;

    private static IEnumerable<ReadOnlyMemory<byte>> Units(ReadOnlyMemory<byte> file)
    {
        var start = Next(file.Span, 0);
        while (start < file.Length)
        {
            var end = Next(file.Span, start + 3);
            yield return file[(start + 3)..Trimmed(file.Span, end)];
            start = end;
        }
    }

    // 00 00 01; a fourth zero before it belongs to the start code.
    private static int Next(ReadOnlySpan<byte> file, int from)
    {
        var at = file[Math.Min(from, file.Length)..].IndexOf((ReadOnlySpan<byte>)[0, 0, 1]);
        return at < 0 ? file.Length : from + at;
    }

    private static int Trimmed(ReadOnlySpan<byte> file, int end)
    {
        while (file[end - 1] == 0)
        {
            end--;
        }

        return end;
    }
}
