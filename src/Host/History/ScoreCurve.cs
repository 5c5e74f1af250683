namespace ActionStream.Host.History;

/// <summary>What one model said of one camera over a time, before smoothing.</summary>
/// <param name="Times">Unix times in seconds, of each window's end.</param>
/// <param name="Scores">By label, decision by decision, in steps of 1/255.</param>
internal sealed record ScoreCurve(
    string Model, string? ModelVersion, IReadOnlyList<double> Times, IReadOnlyDictionary<string, IReadOnlyList<double>> Scores);
