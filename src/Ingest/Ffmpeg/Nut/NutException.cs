namespace ActionStream.Ingest.Ffmpeg.Nut;

/// <summary>The bytes are not the NUT that ffmpeg writes for one raw video stream.</summary>
internal sealed class NutException(string message) : Exception(message);
