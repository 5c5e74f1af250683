namespace ActionStream.Models.Layers;

/// <summary>How a kernel moves along an axis, and the matrices that mix the map, the kernel and the results along it (Toom-Cook at the
/// points 0, 1, -1, 2, -2 and infinity).</summary>
/// <remarks>
/// Six products give as many neighbouring results as 7 minus the taps of a kernel. Where a kernel has more taps than fit, or steps,
/// it is several kernels of few taps whose results add up: each sees its own phase of the map, and phases are channels to the convolution.
/// </remarks>
/// <param name="Length">Of the map.</param>
/// <param name="Taps">Of the kernel.</param>
/// <param name="Padding">Zeros before and behind the map.</param>
internal readonly record struct WinogradAxis(int Length, int Taps, int Stride, int Padding)
{
    /// <summary>Products of a tile.</summary>
    public const int Points = 6;

    /// <summary>The point whose product goes into each result of its tile once.</summary>
    public const int One = 1;

    private const int MostTaps = 4;

    // Row by point, column by neighbour. It does not depend on how the six are shared between taps and results.
    private static readonly float[,] OfMap =
    {
        { 4, 0, -5, 0, 1, 0 },
        { 0, -4, -4, 1, 1, 0 },
        { 0, 4, -4, -1, 1, 0 },
        { 0, -2, -1, 2, 1, 0 },
        { 0, 2, -1, -2, 1, 0 },
        { 0, 4, 0, -5, 0, 1 },
    };

    private static readonly float[] At = [0, 1, -1, 2, -2];

    private static readonly float[] Scales = [4, -6, -6, 24, 24];

    public int Results => ((Length + (2 * Padding) - Taps) / Stride) + 1;

    public int Phases => Stride > 1 ? Stride : (Taps + MostTaps - 1) / MostTaps;

    public int Tiles => (Results + PerTile - 1) / PerTile;

    /// <summary>Products that are left of one, with those of the last tile's results that nobody asked for.</summary>
    public double Share => (double)(Tiles * Points * Phases) / (Results * Taps);

    /// <summary>Whether it saves anything, and few enough taps are left to a phase.</summary>
    public bool IsPossible => Length + (2 * Padding) >= Taps && Taps > 1 && PhaseTaps <= MostTaps && Share < 1;

    private int PhaseTaps => (Taps + Phases - 1) / Phases;

    private int PerTile => Points + 1 - PhaseTaps;

    /// <summary>[points · phases · tiles, length]</summary>
    public float[,] ForMap()
    {
        var matrix = new float[Points * Phases * Tiles, Length];
        for (var row = 0; row < matrix.GetLength(0); row++)
        {
            var (point, phase, tile) = (row / Tiles / Phases, row / Tiles % Phases, row % Tiles);
            for (var neighbour = 0; neighbour < Points; neighbour++)
            {
                var column = (Stride * ((tile * PerTile) + neighbour)) + First(phase) - Padding;
                if (column >= 0 && column < Length)
                {
                    matrix[row, column] = OfMap[point, neighbour];
                }
            }
        }

        return matrix;
    }

    /// <summary>[points · phases, taps]</summary>
    public float[,] ForKernel()
    {
        var matrix = new float[Points * Phases, Taps];
        for (var row = 0; row < matrix.GetLength(0); row++)
        {
            var (point, phase) = (row / Phases, row % Phases);
            for (var tap = 0; tap < PhaseTaps && First(phase) + (tap * Stride) < Taps; tap++)
            {
                matrix[row, First(phase) + (tap * Stride)] =
                    point < At.Length ? Power(At[point], tap) / Scales[point] : tap == PhaseTaps - 1 ? 1 : 0;
            }
        }

        return matrix;
    }

    /// <summary>[results, points · tiles]</summary>
    public float[,] ForResults()
    {
        var matrix = new float[Results, Points * Tiles];
        for (var row = 0; row < Results; row++)
        {
            for (var point = 0; point < Points; point++)
            {
                matrix[row, (point * Tiles) + (row / PerTile)] =
                    point < At.Length ? Power(At[point], row % PerTile) : row % PerTile == PerTile - 1 ? 1 : 0;
            }
        }

        return matrix;
    }

    // Phases of a kernel that steps interleave; of one that does not, they follow each other.
    private int First(int phase) => Stride > 1 ? phase : phase * PhaseTaps;

    private static float Power(float x, int exponent) => exponent == 0 ? 1 : x * Power(x, exponent - 1);
}
