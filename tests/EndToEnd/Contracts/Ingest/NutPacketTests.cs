using System.Diagnostics;
using System.Globalization;
using System.Threading.Channels;
using ActionStream.Core.Media;
using ActionStream.EndToEnd.Support;
using ActionStream.Ingest.Ffmpeg.Nut;
using ActionStream.Ingest.Packets;

namespace ActionStream.EndToEnd.Contracts.Ingest;

/// <summary>Coded pictures from ffmpeg through our reader and our writer into ffmpeg again.</summary>
public sealed class NutPacketTests
{
    public static TheoryData<string> Streams => [.. CodedVideos.All];

    // Not H.264 of open groups: its key pictures are no IDR pictures, and fed alone they come out late, or not, or at another's time.
    public static TheoryData<string> CleanStarts => [.. CodedVideos.All.Where(coding => coding != CodedVideos.OpenH264)];

    [NeedsTheory("ffmpeg")]
    [MemberData(nameof(Streams))]
    public void What_we_read_and_write_decodes_to_the_same_pictures_at_the_same_times(string coding)
    {
        var file = CodedVideos.Make(coding);
        var expected = Decoded($"-copyts -i {file}", null);
        Assert.Equal(150, expected.Count);

        var (stream, packets) = CodedVideos.Read(file);
        var actual = Decoded(Decoder, Written(stream, packets, packet => packet.Presentation));

        Assert.Equal(150, packets.Count);
        Assert.NotEqual(VideoCodec.Other, stream.Codec);
        Assert.Equal(expected, actual);
    }

    [NeedsTheory("ffmpeg")]
    [MemberData(nameof(CleanStarts))]
    public void Key_pictures_alone_and_then_whole_groups_at_other_times_decode_to_the_same_pictures(string coding)
    {
        var file = CodedVideos.Make(coding);
        var whole = Decoded($"-copyts -i {file}", null);
        var (stream, packets) = CodedVideos.Read(file);
        var last = packets.FindLastIndex(packet => packet.IsKey && packet.Presentation < TimeSpan.FromSeconds(5));
        var keys = packets.Take(last).Where(packet => packet.IsKey).ToList();
        var offset = TimeSpan.FromSeconds(100);
        var (fed, all) = ((List<Packet>)[.. keys, .. packets[last..]], packets[last..].ToHashSet());

        // Of an open group the pictures shown before its key picture are lost, as for everybody who joins there.
        var actual = Decoded(
            Decoder, Written(stream, fed, packet => packet.Presentation + (all.Contains(packet) ? offset : default)),
            mayComplain: coding.Contains("open", StringComparison.Ordinal));
        var first = packets[last].Presentation;
        var expected = keys.Select(key => key.Presentation).Select(time => whole.Single(picture => Near(picture.Time, time)))
            .Concat(whole.Where(picture => picture.Time >= first - Half).Select(picture => picture with { Time = picture.Time + offset }));
        Assert.Equal(expected, actual.Where(picture => picture.Time < first - Half || picture.Time >= first + offset - Half));
    }

    [NeedsTheory("ffmpeg")]
    [InlineData("H.264 without B pictures")]
    [InlineData("H.264 with B pictures")]
    [InlineData("H.265 with B pictures")]
    [InlineData("MPEG-4")]
    [InlineData("MPEG-4 with B pictures")]
    [InlineData("MJPEG")]
    public async Task A_key_picture_comes_out_at_once_if_it_is_fed_once_more_for_each_picture_of_delay(string coding)
    {
        var (stream, packets) = CodedVideos.Read(CodedVideos.Make(coding));
        using var ffmpeg = Process.Start(new ProcessStartInfo(
            "ffmpeg",
            $"-v error {Decoder} -vf scale=32:32 -fps_mode passthrough -enc_time_base -1 -pix_fmt rgb24 "
            + "-c:v rawvideo -threads 1 -f nut -write_index 0 -flush_packets 1 pipe:1") // threads: a raw frame would wait for the next
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        var pictures = Channel.CreateUnbounded<TimeSpan>();
        var reading = Task.Run(() => Read(ffmpeg.StandardOutput.BaseStream, pictures.Writer));
        using (var feed = ffmpeg.StandardInput.BaseStream)
        {
            var writer = new NutWriter(feed);
            writer.WriteHeader(stream);
            foreach (var (i, key) in packets.Where(packet => packet.IsKey).Index())
            {
                var time = TimeSpan.FromSeconds(2 * i);
                for (var copy = 0; copy <= stream.DecodeDelay; copy++)
                {
                    writer.Write(time + TimeSpan.FromTicks(copy), isKey: true, key.Bytes);
                }

                await feed.FlushAsync();
                while (await pictures.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(60)) != time)
                {
                    // A copy of the one before.
                }
            }
        }

        await reading;
    }

    private static void Read(Stream nut, ChannelWriter<TimeSpan> pictures)
    {
        using var pool = new PixelPool();
        var reader = new NutReader(nut, new(32, 32), pool);
        while (reader.Read(out var time) is { } pixels)
        {
            pixels.Dispose();
            pictures.TryWrite(time);
        }

        pictures.Complete();
    }

    private static readonly TimeSpan Half = TimeSpan.FromMilliseconds(20);

    private const string Decoder = "-copyts -fpsprobesize 0 -probesize 32 -analyzeduration 0 -threads 1 -f nut -i pipe:0";

    private static bool Near(TimeSpan one, TimeSpan other) => (one - other).Duration() < Half;

    private static byte[] Written(CodedStream stream, IEnumerable<Packet> packets, Func<Packet, TimeSpan> timeOf)
    {
        var all = new MemoryStream();
        var writer = new NutWriter(all);
        writer.WriteHeader(stream);
        foreach (var packet in packets)
        {
            writer.Write(timeOf(packet), packet.IsKey, packet.Bytes);
        }

        return all.ToArray();
    }

    private static List<(TimeSpan Time, string Hash)> Decoded(string input, byte[]? piped, bool mayComplain = false)
    {
        using var ffmpeg = Process.Start(new ProcessStartInfo(
            "ffmpeg", $"-v error {input} -map 0:V:0 -fps_mode passthrough -enc_time_base 1/1000000 -c:v rawvideo -f framehash -hash md5 pipe:1")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var writing = Task.Run(() =>
        {
            using var to = ffmpeg.StandardInput.BaseStream;
            to.Write(piped);
        });
        var complaints = ffmpeg.StandardError.ReadToEndAsync();
        var lines = ffmpeg.StandardOutput.ReadToEnd().Split('\n');
        ffmpeg.WaitForExit();
        writing.Wait();
        Assert.True(mayComplain || complaints.Result.Length == 0, complaints.Result);
        return
        [
            .. from line in lines
               where line.Length > 0 && line[0] != '#'
               let fields = line.Split(',', StringSplitOptions.TrimEntries)
               let time = TimeSpan.FromMicroseconds(long.Parse(fields[2], CultureInfo.InvariantCulture))
               select (time, fields[5]),
        ];
    }
}
