using System.Globalization;

namespace ActionStream.EndToEnd.Measurements.Soak;

/// <summary>The straight line through one number's samples: what grows for ever shows as a slope, however it wavers.</summary>
internal sealed class Trend
{
    private readonly IReadOnlyList<(double Hours, double Value)> _samples;
    private readonly string _name;
    private readonly string _unit;

    public Trend(string name, string unit, IEnumerable<(double Hours, double Value)> samples)
    {
        (_name, _unit, _samples) = (name, unit, [.. samples]);
        PerHour = Slope(_samples);
    }

    public double PerHour { get; }

    public double Most => _samples.Max(sample => sample.Value);

    private double Hours => _samples[^1].Hours - _samples[0].Hours;

    /// <param name="perHour">What it may grow by.</param>
    /// <param name="once">What it may grow by once, however short the time: pools that fill, methods that are compiled.</param>
    public bool IsFlat(double perHour, double once) => PerHour * Hours <= perHour * Hours + once;

    public override string ToString()
    {
        var late = Slope([.. _samples.Skip(_samples.Count / 2)]);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{_name,-12} first {_samples[0].Value:0.0}, last {_samples[^1].Value:0.0}, min {_samples.Min(sample => sample.Value):0.0}, "
            + $"max {Most:0.0} {_unit}; slope {PerHour:+0.00;-0.00} {_unit} per hour, in the second half {late:+0.00;-0.00}");
    }

    private static double Slope(IReadOnlyList<(double Hours, double Value)> samples)
    {
        var (meanX, meanY) = (samples.Average(sample => sample.Hours), samples.Average(sample => sample.Value));
        var spread = samples.Sum(sample => (sample.Hours - meanX) * (sample.Hours - meanX));
        return spread == 0 ? 0 : samples.Sum(sample => (sample.Hours - meanX) * (sample.Value - meanY)) / spread;
    }
}
