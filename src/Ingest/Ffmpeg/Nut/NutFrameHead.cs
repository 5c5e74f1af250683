namespace ActionStream.Ingest.Ffmpeg.Nut;

/// <summary>What stands before a frame's bytes.</summary>
/// <param name="Presentation">Place in the stream.</param>
/// <param name="Length">Bytes that follow, those that were elided among them.</param>
/// <param name="IsKey">The container says that decoding can begin here.</param>
internal readonly record struct NutFrameHead(TimeSpan Presentation, int Length, bool IsKey);
