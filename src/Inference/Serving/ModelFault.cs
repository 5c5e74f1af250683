using ActionStream.Inference.Scoring;

namespace ActionStream.Inference.Serving;

/// <summary>A model whose runs fail for good, with what the last of them said.</summary>
public sealed record ModelFault(IClipModel Model, ScoringException Reason);
