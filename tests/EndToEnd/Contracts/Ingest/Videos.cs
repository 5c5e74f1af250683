using System.Diagnostics;
using System.Text;
using ActionStream.EndToEnd.Support;
using ActionStream.Ingest.Ffmpeg.Nut;

namespace ActionStream.EndToEnd.Contracts.Ingest;

/// <summary>Videos made by ffmpeg when a test first asks for them.</summary>
internal static class Videos
{
    private static readonly string Folder = Directory.CreateTempSubdirectory("actionstream-videos-").FullName;
    private static readonly Lock Making = new();

    static Videos() => AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(Folder, recursive: true);

    /// <summary>Four seconds, 25 pictures a second, H.264 in Annex B with access unit delimiters, as the RTSP server wants it.</summary>
    public static string H264 => Make(
        "cam.h264", "-f lavfi -i testsrc2=size=320x180:rate=25:duration=4 -c:v libx264 -preset ultrafast -bf 0 -g 25 -pix_fmt yuv420p "
            + "-bsf:v h264_metadata=aud=insert -f h264");

    public static string Mp4 => Make(
        "clip.mp4", "-f lavfi -i testsrc2=size=320x180:rate=25:duration=4 -c:v libx264 -preset ultrafast -g 25 -pix_fmt yuv420p");

    /// <summary>Six seconds that move, 25 pictures a second.</summary>
    /// <param name="options">The encoder's own.</param>
    public static string Encoded(string codec, string options, string container, int gop = 25) => Make(
        $"{codec}-{options.Replace(' ', '_').Replace('=', '_').Replace(':', '_')}-{gop}.{container}",
        $"-f lavfi -i testsrc2=size=320x180:rate=25:duration=6 -c:v {codec} {options} -g {gop}"
            + (options.Contains("pix_fmt", StringComparison.Ordinal) ? "" : " -pix_fmt yuv420p"));

    /// <summary>One picture.</summary>
    public static string Still => Make("still.mkv", "-f lavfi -i testsrc2=size=640x480:duration=0.04 -frames:v 1 -c:v mjpeg");

    /// <summary>The clip behind a larger picture that nothing says is one.</summary>
    public static string StillFirst => Make("still-first.mkv", $"-i {Still} -i {Mp4} -map 0 -map 1 -c copy");

    /// <summary>The clip behind its cover, as taggers write it.</summary>
    public static string CoverFirst => Make("cover-first.mkv", $"-i {Still} -i {Mp4} -map 0 -map 1 -c copy -disposition:v:0 attached_pic");

    /// <summary>Time jumps back twice, in a format that ffmpeg does not straighten.</summary>
    public static string TimeJumpsBack => Concatenated("back.flv", 0, 2, 0);

    /// <summary>An hour is left out after four seconds.</summary>
    public static string TimeJumpsAhead => Concatenated("ahead.flv", 0, 3604);

    /// <summary>MPEG-TS whose 33 bits of time run out two seconds in.</summary>
    public static string TimeWraps => Make("wrap.ts", $"-i {Mp4} -c copy -output_ts_offset 95441.7 -f mpegts");

    /// <summary>MPEG-TS that begins again twice.</summary>
    public static string MpegTsAgain =>
        Write("again.ts", [.. Enumerable.Repeat(File.ReadAllBytes(MpegTs), 3).SelectMany(bytes => bytes)]);

    /// <summary>The clip from its twentieth frame on, in a format that says at its head all that its key frames say: the first
    /// thirty frames belong to a key frame that is not there.</summary>
    public static string JoinedInTheMiddle => Make(
        "middle.mkv",
        $"-i {TwoSecondKeys} -c copy -copyinkf -bsf:v noise=drop='lt(n\\,20)'");

    private static string TwoSecondKeys => Make(
        "two-second-keys.mp4",
        "-f lavfi -i testsrc2=size=320x180:rate=25:duration=6 -c:v libx264 -preset ultrafast -bf 0 -g 50 -pix_fmt yuv420p");

    /// <summary>Five seconds for the RTSP server, one key frame at the beginning.</summary>
    public static string RareKeys => Make(
        "rare.h264", "-f lavfi -i testsrc2=size=320x180:rate=25:duration=5 -c:v libx264 -preset ultrafast -bf 0 -g 1000 -pix_fmt yuv420p "
            + "-bsf:v h264_metadata=aud=insert -f h264");

    /// <summary>Another size and another pixel format after two seconds, and once more after four.</summary>
    public static string SizeChanges => Write(
        "size-changes.h264",
        [
            .. new[] { "size=320x180 -pix_fmt yuv420p", "size=640x360 -pix_fmt yuv420p", "size=640x360 -pix_fmt yuv444p" }
                .SelectMany(format => Output(
                    $"-f lavfi -i testsrc2=rate=25:duration=2:{format} -c:v libx264 -preset ultrafast -bf 0 -g 25 -f h264")),
        ]);

    /// <summary>Six seconds, 25 pictures a second and a key picture each second, twice as large after two; each size is said once, with its
    /// first picture.</summary>
    /// <param name="letters">The codec's for NUT.</param>
    public static string SizeSaidOnce(string codec, string options, string letters)
    {
        var isH264 = letters == "H264";
        using var file = new MemoryStream();
        var nut = new NutWriter(file);
        nut.WriteHeader(new(BitConverter.ToUInt32(Encoding.ASCII.GetBytes(letters)), new(320, 180), 0, default, (1, 25)));
        var number = 0;
        foreach (var (size, seconds) in new[] { ("320x180", 2), ("640x360", 4) })
        {
            var begun = number;
            var (delimiter, bytes) = isH264
                ? (9, Output($"-f lavfi -i testsrc2=rate=25:duration={seconds}:size={size} -c:v {codec} {options} -g 25 -pix_fmt yuv420p "
                    + "-bsf:v h264_metadata=aud=insert -f h264"))
                : (35, Output($"-f lavfi -i testsrc2=rate=25:duration={seconds}:size={size} -c:v {codec} {options} -g 25 -pix_fmt yuv420p "
                    + "-bsf:v hevc_metadata=aud=insert -f hevc"));
            List<byte> picture = [];
            foreach (var unit in Units(bytes))
            {
                var type = isH264 ? unit[0] & 0x1F : unit[0] >> 1;
                if (type == delimiter && picture.Count > 0)
                {
                    Add(picture);
                }

                if (number == begun || !(isH264 ? type is 7 or 8 : type is >= 32 and <= 34))
                {
                    picture.AddRange([0, 0, 0, 1, .. unit]);
                }
            }

            Add(picture);
        }

        return Write($"size-said-once-{codec}.nut", file.ToArray());

        void Add(List<byte> picture)
        {
            nut.Write(number * TimeSpan.FromSeconds(0.04), number % 25 == 0, [.. picture]);
            number++;
            picture.Clear();
        }
    }

    // Between start codes.
    private static IEnumerable<byte[]> Units(byte[] bytes)
    {
        for (var at = Next(0); at < bytes.Length;)
        {
            var end = Next(at);
            yield return bytes.AsSpan(at, (end < bytes.Length ? end - 3 : end) - at).TrimEnd((byte)0).ToArray();
            at = end;
        }

        int Next(int from) => bytes.AsSpan(from).IndexOf((ReadOnlySpan<byte>)[0, 0, 1]) is >= 0 and var code ? from + code + 3 : bytes.Length;
    }

    public static string Ntsc => Make(
        "ntsc.mp4", "-f lavfi -i testsrc2=size=320x180:rate=30000/1001:duration=4 -c:v libx264 -preset ultrafast -pix_fmt yuv420p");

    public static string Sound => Make("sound.wav", "-f lavfi -i sine=duration=1");

    public static string MpegTs => Make(
        "clip.ts", "-f lavfi -i testsrc2=size=320x180:rate=25:duration=4 -c:v libx264 -preset ultrafast -g 25 -pix_fmt yuv420p -f mpegts");

    public static string LargerMpegTs => Make(
        "larger.ts",
        "-f lavfi -i testsrc2=size=640x480:rate=25:duration=4 -c:v libx264 -preset ultrafast -g 25 -pix_fmt "
        + "yuv420p -output_ts_offset 4 -f mpegts");

    public static string LargerOtherMpegTs => Make(
        "larger-other.ts",
        "-f lavfi -i rgbtestsrc=size=640x480:rate=25:duration=4 -c:v libx264 -preset ultrafast -g 25 -pix_fmt "
        + "yuv420p -output_ts_offset 4 -f mpegts");

    /// <summary>Eight seconds, a key frame in each.</summary>
    public static string LongMpegTs => Make(
        "long.ts",
        "-f lavfi -i testsrc2=size=320x180:rate=25:duration=8 -c:v libx264 -preset ultrafast -bf 0 -g 25 -pix_fmt yuv420p -f mpegts");

    /// <summary>Half a minute of a still scene with a sensor's noise, encoded so coarsely that most pictures repeat the one before;
    /// a key frame every four seconds.</summary>
    public static string QuietScene => Make(
        "quiet.mp4",
        "-f lavfi -i smptebars=size=320x180:rate=25:duration=30,noise=alls=3:allf=t -c:v libx264 -preset veryfast -crf 40 -bf 0 -g 100 "
        + "-keyint_min 100 -pix_fmt yuv420p");

    /// <summary>One picture of a real room, sent for half a minute through an encoder that keeps its
    /// quality; a key frame every second.</summary>
    public static string FrozenRoom => Make(
        "frozen.mp4",
        $"-ss 2 -i {Path.Combine(Parts.Shared, "clips", "gmdcsa24", "S1_ADL_10.mp4")} -vf "
        + "trim=end_frame=1,loop=loop=-1:size=1,setpts=N/25/TB,trim=duration=30 -r 25 -an -c:v libx264 -preset medium -crf "
        + "23 -bf 0 -g 25 -pix_fmt yuv420p");

    /// <summary>Twelve seconds of 720p25 at a camera's bit rate, in which something moves; of every four pictures one is a B picture
    /// on which no other depends, or two.</summary>
    public static string BusyWithB => Busy("-c:v libx264 -preset veryfast -bf 3");

    /// <summary>Eight frames a second, of which most are B pictures.</summary>
    public static string SlowWithB => Make(
        "slow-b.mp4",
        "-f lavfi -i testsrc2=size=320x180:rate=8:duration=8 -c:v libx264 -preset veryfast -bf 3 -x264-params b-adapt=0 -g 32 "
        + "-pix_fmt yuv420p");

    /// <param name="encoder">Which, and how it goes about it.</param>
    public static string Busy(string encoder) => Make(
        $"busy-{Math.Abs(encoder.GetHashCode(StringComparison.Ordinal))}.mp4",
        $"-stream_loop -1 -i {Path.Combine(Parts.Root, "configs/demo/clip.mp4")} -t 12 -vf scale=1280:720,noise=alls=6:allf=t -r 25 -an "
        + $"{encoder} -g 50 -b:v 3M -maxrate 3M -bufsize 4M -pix_fmt yuv420p");

    /// <summary>Four seconds, and two more of twice the size.</summary>
    public static string FlvOfTwoSizes => Write(
        "two-sizes.flv",
        [
            .. new[] { ("320x180", 0, 4), ("640x360", 4, 2) }.SelectMany(part => Output(
                $"-f lavfi -i testsrc2=size={part.Item1}:rate=25:duration={part.Item3} -c:v libx264 -preset ultrafast -bf 0 -g 25 -pix_fmt yuv420p "
                + $"-output_ts_offset {part.Item2} -flvflags no_duration_filesize -f flv").Skip(part.Item2 == 0 ? 0 : 13)),
        ]);

    // One FLV after the other, each with times of its own; the 13 bytes of header once.
    private static string Concatenated(string name, params int[] starts) => Write(
        name,
        [
            .. starts.SelectMany((start, i) => Output(
                $"-f lavfi -i testsrc2=size=320x180:rate=25:duration=4 -c:v libx264 -preset ultrafast -bf 0 -g 25 -pix_fmt yuv420p "
                + $"-output_ts_offset {start} -flvflags no_duration_filesize -f flv").Skip(i == 0 ? 0 : 13)),
        ]);

    /// <summary>A file of the test's own.</summary>
    public static string Write(string name, byte[] bytes)
    {
        var path = Path.Combine(Folder, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    /// <summary>What a test of its own asks for, made once.</summary>
    public static string Made(string name, string arguments) => Make(name, arguments);

    /// <summary>What ffmpeg writes to standard output.</summary>
    public static byte[] Output(string arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo("ffmpeg", $"-v error -nostdin {arguments} pipe:1") { RedirectStandardOutput = true })!;
        using var all = new MemoryStream();
        process.StandardOutput.BaseStream.CopyTo(all);
        process.WaitForExit();
        return all.ToArray();
    }

    private static string Make(string name, string arguments)
    {
        lock (Making)
        {
            var path = Path.Combine(Folder, name);
            if (!File.Exists(path))
            {
                using var process = Process.Start("ffmpeg", $"-v error -nostdin {arguments} {path}");
                process.WaitForExit();
                Assert.Equal(0, process.ExitCode);
            }

            return path;
        }
    }
}
