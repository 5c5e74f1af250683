namespace ActionStream.Bench.Cameras;

/// <summary>One picture as a camera sends it: its NAL units, without start codes.</summary>
internal sealed record SentPicture(IReadOnlyList<ReadOnlyMemory<byte>> Units, bool IsKey);
