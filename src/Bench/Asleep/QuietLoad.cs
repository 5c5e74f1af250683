using System.Globalization;
using ActionStream.Bench.Reporting;

namespace ActionStream.Bench.Asleep;

/// <summary>What somebody who measures sleeping cameras asked for.</summary>
/// <param name="Awake">Cameras where everything is decoded: fewer where the machine could not decode them all.</param>
/// <param name="Pairs">Rounds in which each way has its turn.</param>
/// <param name="Settle">Seconds that cameras get to fall asleep.</param>
internal sealed record QuietLoad(
    int Cameras, int Awake, int Seconds, int Pairs, int Settle, IReadOnlyList<Encoding> Encodings)
{
    /// <summary>As long as this one run proves something.</summary>
    private const int Long = 300;

    public bool IsTrial => Pairs < PairedRuns.Enough && Seconds < Long;

    public TimeSpan Time => TimeSpan.FromSeconds(Seconds);

    public TimeSpan Patience => TimeSpan.FromSeconds(Settle);

    /// <summary>What to type to measure it again.</summary>
    public string Command(string option)
    {
        var only = Encodings is [var one] ? $" --encoding {one.ToString().ToLowerInvariant()}" : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"./actionstream bench ingest {option} --cameras {Cameras} --awake {Awake} --seconds {Seconds} --pairs {Pairs} "
            + $"--settle {Settle}{only}");
    }
}
