using ActionStream.Core.Media;
using ActionStream.Core.Modelling;
using ActionStream.Models.Checkpoints;

namespace ActionStream.Models.Networks;

/// <summary>A named architecture with all its numbers filled in.</summary>
public sealed record Preset
{
    /// <summary>What a user types.</summary>
    public required string Name { get; init; }

    /// <summary>Family, as it stands in the model card.</summary>
    public required string Architecture { get; init; }

    /// <summary>One sentence for `models list`.</summary>
    public required string Summary { get; init; }

    /// <summary>Clip length, frame size and class count, unless a build says otherwise.</summary>
    public required Measures Measures { get; init; }

    /// <summary>Time between two sampled frames.</summary>
    public required TimeSpan Interval { get; init; }

    /// <summary>Labels of the default class count; empty where the classes have no names.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>The label that means "nothing of interest".</summary>
    public string? Background { get; init; }

    public Activation Activation { get; init; } = Activation.Softmax;

    /// <summary>True if it can be split so that tokens are kept from window to window, with exactly the same answers.</summary>
    public bool IsStreamable { get; init; }

    /// <summary>Accuracy in its paper, with data set and protocol; null where none exists.</summary>
    public string? PublishedAccuracy { get; init; }

    /// <summary>Where weights for it are published; null where none are.</summary>
    public string? PublishedWeights { get; init; }

    /// <summary>Licence of the published weights, by its SPDX name; null where none are published or it is not known.</summary>
    public string? Licence { get; init; }

    public FrameSize Size => new(Measures.Width, Measures.Height);

    /// <summary>Where a checkpoint tells how many classes it knows; null where it does not.</summary>
    internal Func<Weights, int?> ClassesIn { get; init; } = _ => null;

    /// <summary>The same arrays by the names that the network asks for, if someone else's code wrote the checkpoint.</summary>
    internal Func<IWeightSource, IWeightSource> Rename { get; init; } = source => source;

    /// <summary>Refuses measures the architecture cannot take, in words.</summary>
    internal Func<Measures, string?> WhyNot { get; init; } = _ => null;

    internal NetworkMaker Make { get; init; } = (_, _) => throw new InvalidOperationException("a preset without a network");
}
