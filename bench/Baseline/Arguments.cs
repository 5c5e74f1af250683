using System.Globalization;

namespace Baseline;

/// <summary>What was typed.</summary>
/// <param name="Sources">One per camera: a file, played in real time again and again, or an address.</param>
/// <param name="Hop">Frames from one decision to the next.</param>
internal sealed record Arguments(
    string Model, string Host, int Port, TimeSpan Time, IReadOnlyList<string> Sources, int Fps, int Hop, int? Threads)
{
    public const string Usage = """
        usage: baseline --model DIR --broker HOST:PORT --source FILE|URL [--source …]
                        [--cameras N] [--seconds N] [--fps 8] [--hop 2] [--threads N]
          --cameras N   as many cameras, taken from the sources in turn
        """;

    /// <summary>Decisions a second asked for of each camera.</summary>
    public double Asked => (double)Fps / Hop;

    public TimeSpan HopTime => TimeSpan.FromSeconds(1 / Asked);

    public static Arguments Parse(string[] words)
    {
        var known = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        for (var i = 0; i < words.Length; i += 2)
        {
            if (words[i] is not ("--model" or "--broker" or "--seconds" or "--source" or "--cameras" or "--fps" or "--hop" or "--threads")
                || i + 1 == words.Length)
            {
                throw new FormatException($"{words[i]} is unknown or has no value");
            }

            (known.TryGetValue(words[i], out var values) ? values : known[words[i]] = []).Add(words[i + 1]);
        }

        string One(string name, string? otherwise = null) =>
            known.TryGetValue(name, out var values) ? values[^1] : otherwise ?? throw new FormatException($"{name} is missing");
        int Number(string name, int otherwise) =>
            int.TryParse(One(name, $"{otherwise}"), CultureInfo.InvariantCulture, out var number) && number > 0
                ? number : throw new FormatException($"{name} is no positive number");

        var broker = One("--broker").Split(':');
        var sources = known.TryGetValue("--source", out var given) ? given : throw new FormatException("--source is missing");
        var cameras = Number("--cameras", sources.Count);
        return new(
            One("--model"), broker[0], broker.Length > 1 ? int.Parse(broker[1], CultureInfo.InvariantCulture) : 1883,
            TimeSpan.FromSeconds(Number("--seconds", 30)), [.. Enumerable.Range(0, cameras).Select(i => sources[i % sources.Count])],
            Number("--fps", 8), Number("--hop", 2), known.ContainsKey("--threads") ? Number("--threads", 1) : null);
    }
}
