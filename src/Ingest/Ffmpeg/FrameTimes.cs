using System.Globalization;
using ActionStream.Ingest.Packets;
using ActionStream.Ingest.Sources;

namespace ActionStream.Ingest.Ffmpeg;

/// <summary>Makes of a source's times what windows can be cut by: arrival where the container carries none, and a leap
/// forward where they jump back, because the way to us knows no way back.</summary>
/// <remarks>
/// Some formats are frames and nothing else (MJPEG over HTTP, raw H.264 and H.265, pictures in a pipe), and ffmpeg counts them as if
/// there were 25 a second. It then calls its time unit 1/25 or 1/1200000 s, which no format with times of its own does.
/// ffmpeg gives times that do not grow its last one plus a tick, so that after a jump back by an hour time would stand
/// still for an hour.
/// </remarks>
internal static class FrameTimes
{
    /// <summary>A smaller step back than this is an encoder's disorder and not another time.</summary>
    public const int Disorder = 1;

    /// <summary>Holds the units of all formats with times, and of arrival.</summary>
    public const string FineTimeBase = "1:9000000";

    // ffmpeg hides jumps of MPEG-TS, and windows would span them.
    public static IReadOnlyList<string> AsTheyCome => ["-copyts", "-start_at_zero"];

    /// <summary>True for a live source of which nobody knows before it is open whether it carries times.</summary>
    public static bool MayBeInvented(SourceOptions source) =>
        FfmpegArguments.AddressOf(source).Kind is SourceKind.Http or SourceKind.Srt && !source.IsSegmented;

    /// <summary>True where what the reader says is a count of pictures and no times: MJPEG over HTTP, raw H.264 and H.265.</summary>
    /// <param name="stream">As NUT has it: units of less than 1/48000 s, made of the container's by doubling.</param>
    public static bool AreInvented(SourceOptions source, CodedStream stream)
    {
        if (!MayBeInvented(source))
        {
            return false;
        }

        var (num, den) = stream.TimeBase;
        var perSecond = num == 1 ? den : 0;
        return perSecond == 1_200_000
            || (stream.Codec == VideoCodec.Mjpeg && perSecond % 25 == 0 && perSecond > 0 && uint.IsPow2(perSecond / 25));
    }

    /// <param name="maxGap">The longest distance that a clip bridges.</param>
    public static string Filter(bool mayBeInvented, TimeSpan maxGap, TimeSpan interval)
    {
        // Register 0: ticks added so far. Register 1: this frame's step. ffmpeg forgets them when a frame of another size comes, so
        // arrival counts from no first frame but from 1970.
        var leap = (maxGap + interval).TotalSeconds.ToString("0.######", CultureInfo.InvariantCulture);
        var asSent = $"st(1,PTS-PREV_INPTS);if(lt(ld(1)*TB,-{Disorder}),st(0,ld(0)+{leap}/TB-ld(1)));PTS+ld(0)";
        return mayBeInvented
            ? "settb='if(eq(intb,1/25)+eq(intb,1/1200000),1/1000000,intb)',"
                + $"setpts='if(eq(TB,1/1000000),time(0)/TB,{asSent})'"
            : $"setpts='{asSent}'";
    }
}
