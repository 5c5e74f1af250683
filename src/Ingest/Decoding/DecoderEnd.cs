using System.Runtime.ExceptionServices;
using ActionStream.Ingest.Ffmpeg;
using ActionStream.Ingest.Ffmpeg.Nut;
using ActionStream.Ingest.Sources;

namespace ActionStream.Ingest.Decoding;

/// <summary>Why a decoder ended: by its exit, its last words, and what was read of it.</summary>
internal static class DecoderEnd
{
    private static readonly TimeSpan LeaveTime = TimeSpan.FromSeconds(2);

    /// <summary>Null where it was told that no more would come, and ended well.</summary>
    /// <param name="camera">The address without credentials.</param>
    public static async Task<SourceException?> ReadAsync(DecoderChild decoder, string camera, bool gaveFrames, TimeProvider time)
    {
        // It has closed its output and is about to exit; a signal now would change the exit code that tells why.
        await ((Task)decoder.Run.Exited).WaitAsync(LeaveTime, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        decoder.Run.Kill();
        var exitCode = await decoder.Run.Exited;
        var lines = decoder.Run.Lines;
        if (decoder.Fault is not (null or NutException or IOException or ObjectDisposedException))
        {
            ExceptionDispatchInfo.Throw(decoder.Fault); // nobody foresaw it
        }

        return decoder.Fault is NutException broken
            ? new(SourceFault.Broken, $"the decoder of {camera} gave bytes that are no frames: {broken.Message}", broken) { Lines = lines }
            : FfmpegFaults.Read(camera, isLive: false, exitCode, decoder.WasCutOff, lines, gaveFrames);
    }

    /// <summary>True where another decoder would end the same way.</summary>
    public static bool IsOfTheStream(SourceException end) =>
        end.Fault is SourceFault.TooLarge or SourceFault.Memory or SourceFault.Codec or SourceFault.Hwaccel or SourceFault.HostLimit;
}
