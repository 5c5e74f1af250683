using System.Diagnostics;
using ActionStream.Core.Media;
using ActionStream.EndToEnd.Support;

namespace ActionStream.EndToEnd.Measurements.KilledChildren;

/// <summary>A picture that says which camera's it is and which of the camera's pictures, in blocks so coarse that encoding and scaling
/// leave them; every block of it depends on both, so that no mixture of two pictures passes for one.</summary>
internal static class Watermark
{
    public const int Fps = 16;

    /// <summary>Pictures until the counter begins anew.</summary>
    public const int Count = 256;

    private const int Blocks = 8;
    private const int BlockSize = 16;

    /// <summary>Pictures from one key picture to the next.</summary>
    private const int Group = 16;

    public static TimeSpan Distance { get; } = TimeSpan.FromSeconds(1.0 / Fps);

    /// <summary>Reads camera and counter; null where any block is not as it must be.</summary>
    public static (int Camera, int Counter)? Read(ReadOnlySpan<byte> pixels, FrameSize size)
    {
        Span<bool> bits = stackalloc bool[Blocks * Blocks];
        for (var at = 0; at < bits.Length; at++)
        {
            var (x, y) = (At(at % Blocks, size.Width), At(at / Blocks, size.Height));
            switch (pixels[(y * size.Width + x) * 3])
            {
                case < 80: break;
                case > 175: bits[at] = true; break;
                default: return null;
            }
        }

        var (camera, counter) = (0, 0);
        for (var at = 0; at < 8; at++)
        {
            camera |= bits[at] ? 1 << at : 0;
            counter |= bits[8 + at] ? 1 << at : 0;
        }

        for (var at = 16; at < bits.Length; at++)
        {
            if (bits[at] != Bit(camera, counter, at))
            {
                return null;
            }
        }

        return (camera, counter);

        static int At(int block, int length) => (2 * block + 1) * length / (2 * Blocks);
    }

    /// <summary>Grey, one byte a pixel.</summary>
    public static byte[] Draw(int camera, int counter)
    {
        const int side = Blocks * BlockSize;
        var pixels = new byte[side * side];
        for (var at = 0; at < pixels.Length; at++)
        {
            pixels[at] = Bit(camera, counter, at / side / BlockSize * Blocks + at % side / BlockSize) ? (byte)235 : (byte)16;
        }

        return pixels;
    }

    /// <summary>All pictures of a camera, as the RTSP server wants them; made once.</summary>
    public static async Task<string> ClipAsync(int camera)
    {
        var path = Path.Combine(Parts.Root, $"tests/EndToEnd/.cache/watermark-{camera}.h264");
        if (File.Exists(path))
        {
            return path;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var making = $"{path}.{Environment.ProcessId}";
        using var ffmpeg = Process.Start(new ProcessStartInfo("ffmpeg",
        [
            "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "gray", "-s", $"{Blocks * BlockSize}x{Blocks * BlockSize}", "-r", $"{Fps}",
            "-i", "pipe:0", "-c:v", "libx264", "-preset", "veryfast", "-bf", "0", "-g", $"{Group}", "-pix_fmt", "yuv420p",
            "-bsf:v", "h264_metadata=aud=insert", "-f", "h264", making,
        ])
        { RedirectStandardInput = true })!;
        for (var counter = 0; counter < Count; counter++)
        {
            await ffmpeg.StandardInput.BaseStream.WriteAsync(Draw(camera, counter));
        }

        ffmpeg.StandardInput.Close();
        await ffmpeg.WaitForExitAsync();
        Assert.Equal(0, ffmpeg.ExitCode);
        File.Move(making, path, overwrite: true);
        return path;
    }

    private static bool Bit(int camera, int counter, int at) => at switch
    {
        < 8 => (camera >> at & 1) == 1,
        < 16 => (counter >> (at - 8) & 1) == 1,
        _ => (uint)(camera * 256 + counter + 1) * 2654435761u + (uint)at * 0x9E3779B1u is var mixed
            && ((mixed ^ mixed >> 15) * 0x85EBCA6Bu >> 20 & 1) == 1,
    };
}
