using ActionStream.Ingest.Ffmpeg;
using ActionStream.Ingest.Ffmpeg.Nut;
using ActionStream.Ingest.Sources;

namespace ActionStream.Ingest.Decoding;

/// <summary>Why a decoder ended: by its exit, its last words, and what was read of it.</summary>
internal static class DecoderEnd
{
    /// <summary>Null where it was told that no more would come, and ended well.</summary>
    /// <param name="camera">The address without credentials.</param>
    public static Task<SourceException?> ReadAsync(DecoderChild decoder, string camera, bool gaveFrames, TimeProvider time) =>
        new ChildEnd(
            decoder.Fault is NutException ? $"the decoder of {camera}" : camera,
            decoder.Fault is IOException or ObjectDisposedException ? null : decoder.Fault, decoder.WasCutOff, gaveFrames)
            .ReadAsync(decoder.Run, isLive: false, time);

    /// <summary>True where another decoder would end the same way.</summary>
    public static bool IsOfTheStream(SourceException end) =>
        end.Fault is SourceFault.TooLarge or SourceFault.Memory or SourceFault.Codec or SourceFault.Hwaccel or SourceFault.HostLimit;
}
