using System.Text;

namespace ActionStream.Publish.Metrics;

/// <summary>What Prometheus calls an instrument: dots become underscores, the unit is spelled out at
/// the end, counters end in _total.</summary>
internal static class MetricName
{
    public static string Of(string instrument, string? unit, bool isCounter)
    {
        var name = new StringBuilder(instrument.Length + 16);
        foreach (var letter in instrument)
        {
            name.Append(char.IsAsciiLetterOrDigit(letter) || letter is ':' ? letter : '_');
        }

        if (name.Length > 0 && char.IsAsciiDigit(name[0]))
        {
            name.Insert(0, '_');
        }

        Append(name, unit switch
        {
            "s" => "_seconds",
            "By" => "_bytes",
            "1" => "_ratio",
            _ => "", // {frame}, {message} … count things; the name says which
        });
        Append(name, isCounter ? "_total" : "");
        return name.ToString();
    }

    /// <summary>Tags become labels by the same rule; colons are not allowed there.</summary>
    public static string OfLabel(string tag) => Of(tag, null, isCounter: false).Replace(':', '_');

    private static void Append(StringBuilder name, string suffix)
    {
        if (!name.ToString().EndsWith(suffix, StringComparison.Ordinal))
        {
            name.Append(suffix);
        }
    }
}
