namespace ActionStream.Core.Media;

/// <summary>What cameras sent lately, in their own coding: whoever tells of an event asks here for a recording of it.</summary>
/// <remarks>Thread-safe.</remarks>
public interface IRecordingBuffer
{
    /// <summary>False for a camera whose stream is not kept, or cannot be.</summary>
    bool IsKept(string stream);

    /// <summary>True if all of a span is there, or all that ever will be.</summary>
    bool IsComplete(RecordingSpan span);

    /// <summary>Writes what there is of a span to a file.</summary>
    Task<RecordingResult> JoinAsync(RecordingSpan span, string path, CancellationToken cancel);
}

/// <summary>A span of one connection, in the stream's own time.</summary>
public readonly record struct RecordingSpan(string Stream, int Epoch, TimeSpan From, TimeSpan To);

/// <summary>How much of a span could be had.</summary>
public enum RecordingResult
{
    Whole,

    /// <summary>The connection began or ended within it, or the bounds of what is kept took a part.</summary>
    Partial,

    /// <summary>Nothing of it is there.</summary>
    Missing,

    /// <summary>It is there and could not be written.</summary>
    Failed,
}
