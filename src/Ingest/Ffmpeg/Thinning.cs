using System.Globalization;

namespace ActionStream.Ingest.Ffmpeg;

/// <summary>Leaves one frame per slot of the time grid, the one nearest to the grid's point, before anything is scaled.</summary>
/// <remarks>
/// The same rule as <see cref="Windowing.TimeGrid"/>, in ffmpeg's own words; a frame is never invented, so after a
/// stall there is a hole and not a row of copies. The slot n of a frame at t is the nearest grid point, n = ⌊t/D + ½⌋,
/// and it is taken if n is new and the next frame, expected one distance later (at most D), would not be nearer:
/// t + min(distance, D)/2 ≥ n·D. Applied twice it changes nothing, which is why thinned and whole streams give equal clips.
/// </remarks>
internal static class Thinning
{
    /// <summary>Ties (10 frames a second on a grid of 8) must not depend on rounding; no clock in use is this fine.</summary>
    public const double Tolerance = 1.27e-6;

    public static string Filter(TimeSpan interval)
    {
        var d = Number(interval.TotalSeconds);
        var e = Number(Tolerance);

        // Register 0: the last slot taken. Register 1: this frame's slot. They outlive the frame.
        return "select='"
            + "if(isnan(prev_t)+lt(t,prev_t),st(0,-1e18));"
            + $"st(1,floor((t+{e})/{d}+0.5));"
            + $"if(gt(ld(1),ld(0))*gte(t+{e}+if(isnan(prev_t)+lt(t,prev_t),{d},min(t-prev_t,{d}))/2,ld(1)*{d}),1+0*st(0,ld(1)))'";
    }

    private static string Number(double number) => number.ToString("0.########", CultureInfo.InvariantCulture);
}
