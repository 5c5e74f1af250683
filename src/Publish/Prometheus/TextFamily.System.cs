using System.Globalization;
using System.Text;

namespace ActionStream.Publish.Prometheus;

/// <summary>One metric with its series, and how both are written (text exposition format 0.0.4).</summary>
internal sealed class TextFamily(MetricFamily family)
{
    private readonly Lock _lock = new();
    private readonly List<TextSeries> _series = [];

    public string Name => family.Name;

    public IMetricSeries Series(string[] values)
    {
        lock (_lock)
        {
            var labels = Pairs(values);
            if (_series.Find(known => known.Labels == labels) is not { } series)
            {
                _series.Add(series = new(labels, family));
            }

            return series;
        }
    }

    public void Write(TextWriter text)
    {
        TextSeries[] series;
        lock (_lock)
        {
            series = [.. _series.Where(one => one.IsShown)];
        }

        if (series.Length == 0)
        {
            return;
        }

        text.WriteLine($"# HELP {Name} {Escape(family.Help, quotes: false)}");
        text.WriteLine($"# TYPE {Name} {family.Kind.ToString().ToLowerInvariant()}");
        foreach (var one in series)
        {
            one.Write(text, Name);
        }
    }

    private string Pairs(string[] values)
    {
        var pairs = new StringBuilder();
        for (var i = 0; i < values.Length; i++)
        {
            pairs.Append(i == 0 ? "" : ",").Append(family.Labels[i]).Append("=\"").Append(Escape(values[i], quotes: true)).Append('"');
        }

        return pairs.ToString();
    }

    private static string Escape(string text, bool quotes)
    {
        text = text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
        return quotes ? text.Replace("\"", "\\\"", StringComparison.Ordinal) : text;
    }
}

/// <summary>One series: a number, or a histogram's counts.</summary>
internal sealed class TextSeries(string labels, MetricFamily family) : IMetricSeries
{
    private readonly Lock _lock = new();
    private readonly long[] _counts = family.Kind is MetricKind.Histogram ? new long[family.Buckets.Length + 1] : [];
    private double _value;

    public string Labels => labels;

    public bool IsShown { get; private set; } = true;

    public void Record(double value)
    {
        lock (_lock)
        {
            _value += value; // a histogram's sum
            IsShown = true;
            if (_counts.Length > 0)
            {
                _counts[Place(value)]++;
            }
        }
    }

    public void Set(double value)
    {
        lock (_lock)
        {
            _value = family.Kind is MetricKind.Counter ? Math.Max(_value, value) : value;
            IsShown = true;
        }
    }

    public void Hide() => IsShown = false;

    public void Write(TextWriter text, string name)
    {
        lock (_lock)
        {
            if (_counts.Length == 0)
            {
                Line(text, name, "", labels, _value);
                return;
            }

            var count = 0L;
            for (var i = 0; i < _counts.Length; i++)
            {
                count += _counts[i];
                var bound = i < family.Buckets.Length ? Number(family.Buckets[i]) : "+Inf";
                Line(text, name, "_bucket", $"{labels}{(labels.Length > 0 ? "," : "")}le=\"{bound}\"", count);
            }

            Line(text, name, "_sum", labels, _value);
            Line(text, name, "_count", labels, count);
        }
    }

    // A bound belongs to its bucket. Few bounds: a walk beats a search.
    private int Place(double value)
    {
        var i = 0;
        while (i < family.Buckets.Length && !(value <= family.Buckets[i]))
        {
            i++;
        }

        return i;
    }

    private static void Line(TextWriter text, string name, string suffix, string labels, double value) =>
        text.WriteLine(labels.Length == 0 ? $"{name}{suffix} {Number(value)}" : $"{name}{suffix}{{{labels}}} {Number(value)}");

    private static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };
}
