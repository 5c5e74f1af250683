using System.Diagnostics;
using System.Globalization;
using ActionStream.Bench.Reporting;
using ActionStream.Core.Media;
using ActionStream.Ingest.Ffmpeg;
using ActionStream.Ingest.Ffmpeg.Nut;

namespace ActionStream.Bench.Quiet;

/// <summary>One decoded frame of the model's size.</summary>
internal readonly record struct DecodedFrame(TimeSpan Presentation, PixelBlock Pixels);

/// <summary>Decodes spans of a recording's packets, each by a decoder that has seen nothing else.</summary>
internal sealed class SpanDecoder(FfmpegTool ffmpeg, FrameSize size, PixelPool pool)
{
    public async Task<List<DecodedFrame>> DecodeAsync(CodedRecording recording, int first, int count, CancellationToken cancel)
    {
        using var child = ChildProcesses.Start(new ProcessStartInfo(ffmpeg.Path,
        [
            "-v", "error", "-copyts", "-threads", "1", "-filter_threads", "1", // else H.265's times begin at 0 wherever it is cut
            "-fpsprobesize", "0", "-probesize", "32", "-analyzeduration", "0", "-f", "nut", "-i", "pipe:0",
            "-vf", string.Create(CultureInfo.InvariantCulture, $"scale={size.Width}:{size.Height}:flags=bilinear,format=rgb24,setsar=1"),
            "-c:v", "rawvideo", "-pix_fmt", "rgb24", "-fps_mode", "passthrough", "-enc_time_base", "-1",
            "-f", "nut", "-write_index", "0", "pipe:1",
        ])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        });
        var errors = child.StandardError.ReadToEndAsync(cancel);
        var feeding = Task.Run(
            () =>
            {
                try
                {
                    using var input = new BufferedStream(child.StandardInput.BaseStream, 1 << 18);
                    recording.WriteTo(input, first, count);
                }
                catch (IOException)
                {
                    // It says itself why it left.
                }
            },
            cancel);
        var frames = new List<DecodedFrame>();
        try
        {
            var nut = new NutReader(child.StandardOutput.BaseStream, size, pool);
            while (nut.Read(out var presentation) is { } pixels)
            {
                frames.Add(new(presentation, pixels));
            }

            await feeding;
            await child.WaitForExitAsync(cancel);
            return child.ExitCode == 0 && frames.Count > 0
                ? frames
                : throw new BenchException($"ffmpeg could not decode {count} packets: {(await errors).Trim()}");
        }
        catch
        {
            frames.ForEach(frame => frame.Pixels.Dispose());
            throw;
        }
        finally
        {
            child.Kill();
        }
    }
}
