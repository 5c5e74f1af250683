namespace ActionStream.Publish;

/// <summary>How many messages a camera has had since boot: a `seq` that began anew under the same boot id would look like old
/// news.</summary>
internal readonly record struct MessageCounts(long Events, long Scores, long Decisions);
