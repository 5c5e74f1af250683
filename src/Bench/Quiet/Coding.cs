using System.Globalization;

namespace ActionStream.Bench.Quiet;

/// <summary>The coder's part of ffmpeg's command line for a recording: what cameras do, at presets that hundreds can afford.</summary>
internal static class Coding
{
    public static IReadOnlyList<string> Arguments(RecordingPlan plan)
    {
        var key = Number(Math.Max(1, (int)Math.Round(plan.KeySeconds * plan.FramesPerSecond)));
        var quality = Number(23 + (int)Math.Round(11 * (1 - plan.Rate)));
        var pixels = plan.Size.Width * plan.Size.Height * Math.Sqrt(plan.FramesPerSecond / 15.0);
        var rate = Number((int)(pixels / 1000 * (1 + (3 * plan.Rate)))) + "k";
        var isFilled = plan.Choice % 7 == 0;
        string[] h264 = ["-c:v", "libx264", "-preset", plan.Choice % 2 == 0 ? "ultrafast" : "veryfast", "-g", key, "-threads", "1"];
        return plan.Coding switch
        {
            CodingKind.H264Quality => [.. h264, "-bf", "0", "-crf", quality],
            CodingKind.H264ConstantRate =>
            [
                .. h264, "-bf", "0", "-tune", "zerolatency", "-b:v", rate, "-minrate", rate, "-maxrate", rate, "-bufsize", rate,
                "-x264-params", isFilled ? "nal-hrd=cbr:force-cfr=1:sliced-threads=0" : "sliced-threads=0",
            ],
            CodingKind.H264WithB => [.. h264, "-bf", Number(1 + (plan.Choice % 3)), "-crf", quality],
            CodingKind.H265 =>
            [
                "-c:v", "libx265", "-preset", "ultrafast", "-crf", quality, "-x265-params",
                $"log-level=error:keyint={key}:pools=1:frame-threads=1:bframes={(plan.Choice % 3 == 0 ? "3" : "0")}",
            ],
            CodingKind.Mpeg4 => ["-c:v", "mpeg4", "-g", key, .. plan.Choice % 2 == 0 ? ["-q:v", "7"] : (string[])["-b:v", rate]],
            _ => ["-c:v", "mjpeg", "-q:v", Number(5 + (plan.Choice % 6))],
        };
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
