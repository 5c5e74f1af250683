using System.Numerics;

namespace ActionStream.Inference.Scheduling;

/// <summary>When to shed load and when to stop. Pure: what was seen in a second goes in, the degradation level comes out.</summary>
/// <remarks>
/// Up quickly, because late answers are worth nothing; down slowly, one degradation level at a time, and only if the sums say that it
/// will hold: a level that is entered and left again and again says more about the policy than about the machine.
/// </remarks>
/// <param name="levels">How many there are.</param>
/// <param name="level">Where to begin.</param>
public sealed class LoadPolicy(int levels, int level = 0)
{
    /// <summary>Share of windows shed for lack of time that is too much.</summary>
    public const double TooMuch = 0.02;

    /// <summary>Share of the workers' time that may be planned for.</summary>
    public const double Comfortable = 0.85;

    /// <summary>Seconds with too much, among the last <see cref="Memory"/>, before the next degradation level up.</summary>
    public const int Patience = 2;

    /// <summary>A full stream queue sheds in bursts: the seconds between two of them are no better.</summary>
    public const int Memory = 5;

    /// <summary>Seconds in a row without, before a degradation level down.</summary>
    public const int Recovery = 10;

    private uint _bad; // a bit for each of the last seconds
    private int _good;

    /// <summary>0 is everything as configured.</summary>
    public int Level { get; private set; } = level;

    /// <summary>One second has passed.</summary>
    /// <param name="offered">Windows that fell due.</param>
    /// <param name="late">Those shed because no worker was free in time.</param>
    /// <param name="utilisationBelow">Expected share of the workers' time one degradation level below.</param>
    /// <returns>True if the degradation level has changed.</returns>
    public bool Update(long offered, long late, double utilisationBelow)
    {
        var isTooMuch = late > 0 && late >= TooMuch * offered;
        _bad = ((_bad << 1) | (isTooMuch ? 1u : 0)) & ((1u << Memory) - 1);
        _good = late == 0 ? _good + 1 : 0;
        if (BitOperations.PopCount(_bad) >= Patience && Level < levels - 1)
        {
            return MoveTo(Level + 1);
        }

        return _good >= Recovery && Level > 0 && utilisationBelow <= Comfortable && MoveTo(Level - 1);
    }

    private bool MoveTo(int level)
    {
        (Level, _bad, _good) = (level, 0, 0);
        return true;
    }
}
