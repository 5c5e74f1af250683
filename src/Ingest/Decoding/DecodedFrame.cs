using ActionStream.Core.Media;

namespace ActionStream.Ingest.Decoding;

/// <summary>A frame as it comes out of a decoder, with the picture that went in.</summary>
/// <param name="At">Its time in the decoder.</param>
/// <param name="Pixels">To be passed on or disposed.</param>
/// <param name="From">The decoder.</param>
internal readonly record struct DecodedFrame(FedPicture Picture, TimeSpan At, PixelBlock Pixels, DecoderChild From);
