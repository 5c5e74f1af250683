namespace ActionStream.Core.Media;

/// <summary>What the window's frames really were: a rule may ask for 16 frames where the camera
/// sent 12, or sent one twelve times.</summary>
/// <remarks>A slot may have several faults and is then counted in each.</remarks>
/// <param name="Frames">Sampled frames in the clip.</param>
/// <param name="Held">Of these, slots the camera left empty and the frame before filled.</param>
/// <param name="LargestGap">Longest distance between two neighbouring source frames.</param>
public readonly record struct ClipQuality(int Frames, int Held, TimeSpan LargestGap)
{
    /// <summary>Share that a fault takes from the score where it spoils a frame without making it worthless.</summary>
    private const double Soft = 0.25;

    /// <summary>Frames the camera sent that equal the one before, byte by byte.</summary>
    public int Duplicates { get; init; }

    /// <summary>Frames from a time so long without a new one that nobody believes in them.</summary>
    public int Frozen { get; init; }

    /// <summary>Frames on which nothing can be seen.</summary>
    public int Dark { get; init; }

    /// <summary>Frames from shortly after a decoding error.</summary>
    public int Damaged { get; init; }

    /// <summary>Frames that have nothing in common with the one before: a camera that was turned, infrared light that went on.</summary>
    public int Cuts { get; init; }

    /// <summary>0 to 1, never higher for one more fault. A product, so that each fault takes its share of what the others left.</summary>
    /// <remarks>
    /// Held and frozen frames and cuts count whole. Damage counts twice, since a smear misleads where a held frame only lacks.
    /// Duplicates and darkness count a quarter: a still scene and a night are worse, and not worthless.
    /// The largest gap has no factor of its own: the slots it left are held.
    /// </remarks>
    public double Score => Frames == 0
        ? 0
        : Good(Held) * Good(Frozen) * Good(Cuts) * Good(Damaged) * Good(Damaged) * Good(Duplicates * Soft) * Good(Dark * Soft);

    private double Good(double bad) => Math.Max(0, 1 - bad / Frames);
}
