namespace ActionStream.Ingest.Decoding;

/// <summary>What is known of a picture that was given to the decoder, to be found again when its frame comes out.</summary>
/// <param name="Presentation">Its place in the stream.</param>
/// <param name="ArrivedAt">When it came.</param>
/// <param name="Span">Of which stretch of decoding it is a part.</param>
/// <param name="Number">Its packet's in the ring.</param>
internal readonly record struct FedPicture(TimeSpan Presentation, long ArrivedAt, DecodedSpan Span, long Number);
