namespace ActionStream.Ingest.Probing;

/// <summary>Where a <see cref="DecodeCost"/> comes from.</summary>
public enum CostBasis
{
    /// <summary>A table of another machine's.</summary>
    Table,

    /// <summary>The table, corrected by how fast this machine decodes a known video.</summary>
    Machine,

    /// <summary>This very stream, decoded here for some seconds.</summary>
    Measured,
}

/// <summary>What it costs to decode a stream in software, and to make it the model's size.</summary>
/// <param name="ShareOfCore">1 keeps one core busy.</param>
public sealed record DecodeCost(double ShareOfCore, CostBasis Basis);
