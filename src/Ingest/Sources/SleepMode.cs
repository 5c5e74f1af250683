namespace ActionStream.Ingest.Sources;

/// <summary>Whether a camera may sleep: be read without being decoded while nothing happens in it.</summary>
public enum SleepMode
{
    /// <summary>It sleeps while its coded frames say that nothing moves, and is awake where they cannot be trusted to.</summary>
    Auto,

    /// <summary>Every frame is decoded and every window decided.</summary>
    Never,
}
