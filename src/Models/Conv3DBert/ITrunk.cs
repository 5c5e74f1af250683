using ActionStream.Models.Graphs;

namespace ActionStream.Models.Conv3DBert;

/// <summary>A 3D CNN without its last pooling and classifier.</summary>
internal interface ITrunk
{
    /// <summary>C, channels of the last map.</summary>
    int Width { get; }

    /// <summary>How often time is halved, rounding up.</summary>
    int Halvings { get; }

    /// <param name="clip">[N, 3, T, H, W]</param>
    /// <returns>[N, C, T', H', W']</returns>
    Tensor Apply(Tensor clip);
}

/// <summary>How feature vectors come from 2048 (or 1024) channels to the BERT's width.</summary>
internal enum Reduction
{
    /// <summary>They do not: the BERT is as wide as the trunk.</summary>
    None,

    /// <summary>Feature reduction with a modified block: the trunk's last block gives fewer channels.</summary>
    Frmb,

    /// <summary>Feature reduction with an additional block behind the trunk, named mapper.</summary>
    Frab,
}
