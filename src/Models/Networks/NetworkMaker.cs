using ActionStream.Models.Checkpoints;

namespace ActionStream.Models.Networks;

/// <summary>Makes a network of given measures from weights. One per architecture.</summary>
internal delegate INetwork NetworkMaker(Weights weights, Measures measures);
