using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using ActionStream.Core.Media;
using ActionStream.Ingest.Packets;
using ActionStream.Ingest.Packets.Pictures;

namespace ActionStream.EndToEnd.Contracts.Ingest.Pictures;

/// <summary>A packet, and what ffmpeg says of it.</summary>
internal sealed record TruePacket(byte[] Bytes, PictureType Type, int? Quantiser, bool IsCleanStart);

/// <summary>A small video made by one of ffmpeg's encoders, taken apart by ffmpeg into packets, and for each what ffmpeg's own parsers
/// say of it.</summary>
internal sealed partial class CodedVideo
{
    private CodedVideo(uint fourCc, byte[] extraData, IReadOnlyList<TruePacket> packets)
    {
        Stream = new(fourCc, new FrameSize(1, 1), 0, extraData, (1, 25));
        Packets = packets;
    }

    public CodedStream Stream { get; }

    public IReadOnlyList<TruePacket> Packets { get; }

    /// <param name="codec">H.264 or H.265.</param>
    /// <param name="arguments">All of ffmpeg's but the output.</param>
    /// <param name="container">Ending of the file it is kept in: mp4, mkv, flv, ts, h264, hevc …</param>
    public static CodedVideo Make(VideoCodec codec, string arguments, string container) =>
        InFolder(arguments, container, path => OfFile(codec, path));

    private static CodedVideo OfFile(VideoCodec codec, string path)
    {
        var (bytes, truth) = Traced(codec, path);
        Assert.Equal(bytes.Length, truth.Sum(packet => packet.Length));
        var packets = new List<TruePacket>();
        var at = 0;
        foreach (var (length, type, quantiser, isClean) in truth)
        {
            packets.Add(new(bytes[at..(at + length)], type, quantiser, isClean));
            at += length;
        }

        return new(codec == VideoCodec.H264 ? FourCc("H264") : FourCc("HEVC"), ExtraDataOf(path), packets);
    }

    /// <summary>What ffmpeg says of the packets of a raw stream.</summary>
    public static List<TracedPacket> Trace(string path) =>
        Traced(path.EndsWith(".h264", StringComparison.Ordinal) ? VideoCodec.H264 : VideoCodec.H265, path).Truth;

    /// <summary>What the decoder shows of a raw stream: the sums of its pictures.</summary>
    public static List<string> Shown(string format, byte[] stream)
    {
        var path = Videos.Write("part." + format, stream);
        var (sums, _) = Run("ffmpeg", $"-v quiet -f {format} -i {path} -vsync passthrough -f framemd5 pipe:1");
        return [.. Encoding.ASCII.GetString(sums).Split('\n').Where(line => line.StartsWith("0,", StringComparison.Ordinal))
            .Select(line => line.Split(',')[^1].Trim())];
    }

    /// <summary>MPEG-4 part 2: types and quantisers as ffmpeg's decoder tells them of every picture that it shows.</summary>
    /// <param name="arguments">All of ffmpeg's but the output; no quantiser that changes within a picture.</param>
    /// <param name="isClean">Whether an intra picture is a clean start in this form.</param>
    public static CodedVideo MakeMpeg4(string arguments, string container, bool isClean) =>
        InFolder(arguments, container, path =>
        {
            var (_, log) = Run("ffmpeg", $"-hide_banner -nostats -threads 1 -debug qp -i {path} -f null -");
            var shown = ShownPicture().Matches(log)
                .Select(match => (Type: match.Groups[1].Value, Quantiser: int.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture)))
                .ToList();
            var packets = Taken(path);
            var order = packets.Select(packet => packet.Presentation).Order().ToList();
            var truth = new List<TruePacket>();
            foreach (var (presentation, bytes) in packets)
            {
                // The decoder does not tell of the picture that it shows last.
                var place = order.IndexOf(presentation);
                var (type, quantiser) = place < shown.Count ? shown[place] : ("?", 0);
                truth.Add(new(
                    bytes,
                    type switch
                    {
                        "I" => PictureType.Intra,
                        "B" => PictureType.Bidirectional,
                        _ => PictureType.Predicted,
                    },
                    type == "?" ? null : quantiser,
                    type == "I" && isClean));
            }

            Assert.InRange(shown.Count, packets.Count - 1, packets.Count);
            return new(FourCc("mp4v"), ExtraDataOf(path), truth);
        });

    /// <summary>Motion JPEG, of which there is nothing to say but that it is one.</summary>
    public static CodedVideo MakeMjpeg(string arguments, string container) =>
        InFolder(arguments, container, path => new(
            FourCc("MJPG"),
            ExtraDataOf(path),
            [.. Taken(path).Select(packet => new TruePacket(packet.Bytes, PictureType.Intra, null, true))]));

    private static (byte[] Bytes, List<TracedPacket> Truth) Traced(VideoCodec codec, string path)
    {
        var (bytes, log) = Run(
            "ffmpeg", $"-hide_banner -nostats -i {path} -map 0:V:0 -c copy -copyinkf -bsf:v trace_headers -f data pipe:1");
        return (bytes, codec == VideoCodec.H264 ? HeaderTrace.OfH264(log) : HeaderTrace.OfH265(log));
    }

    private static uint FourCc(string letters) => letters.Index()
        .Aggregate(0u, (code, letter) => code | ((uint)letter.Item << (8 * letter.Index)));

    /// <summary>The packets of a file as they are, in decoding order.</summary>
    private static List<(long Presentation, byte[] Bytes)> Taken(string path)
    {
        var (bytes, log) = Run("ffmpeg", $"-v error -i {path} -map 0:v -c copy -f data pipe:1 -map 0:v -c copy -f framecrc pipe:2");
        var packets = new List<(long, byte[])>();
        var at = 0;
        foreach (var line in log.Split('\n').Where(line => line.StartsWith("0,", StringComparison.Ordinal)))
        {
            var fields = line.Split(',');
            var length = int.Parse(fields[4], CultureInfo.InvariantCulture);
            packets.Add((long.Parse(fields[2], CultureInfo.InvariantCulture), bytes[at..(at + length)]));
            at += length;
        }

        Assert.Equal(bytes.Length, at);
        return packets;
    }

    private static CodedVideo InFolder(string arguments, string container, Func<string, CodedVideo> read)
    {
        var folder = Directory.CreateTempSubdirectory("actionstream-coded-").FullName;
        try
        {
            var path = Path.Combine(folder, "video." + container);
            Run("ffmpeg", $"-v error -nostdin {arguments} {path}");
            return read(path);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static byte[] ExtraDataOf(string path)
    {
        // Raw streams, those of MPEG-TS and of AVI have their parameter sets in the packets.
        if (Path.GetExtension(path) is not (".mp4" or ".mov" or ".mkv" or ".flv"))
        {
            return [];
        }

        var (text, _) = Run("ffprobe", $"-v error -select_streams V:0 -show_entries stream=extradata -show_data -of default=nw=1 {path}");
        return [.. DumpLine().Matches(Encoding.ASCII.GetString(text))
            .SelectMany(line => Convert.FromHexString(line.Groups[1].Value.Replace(" ", "", StringComparison.Ordinal)))];
    }

    private static (byte[] Output, string Errors) Run(string program, string arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        using var all = new MemoryStream();
        process.StandardOutput.BaseStream.CopyTo(all);
        process.WaitForExit();
        var log = errors.GetAwaiter().GetResult();
        Assert.True(process.ExitCode == 0, $"{program} {arguments}: {log}");
        return (all.ToArray(), log);
    }

    [GeneratedRegex(@"New frame, type: (.)\s+\[[^\]]*\] *(\d{1,2})")]
    private static partial Regex ShownPicture();

    [GeneratedRegex(@"^[0-9a-f]{8}: ((?:[0-9a-f]{2,4} )+)", RegexOptions.Multiline)]
    private static partial Regex DumpLine();
}
