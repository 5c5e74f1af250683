using System.Globalization;
using ActionStream.Models.Networks;

namespace ActionStream.Bench.Reporting;

/// <summary>What somebody who measures the whole service asked for.</summary>
/// <param name="Model">A model's folder; null for the preset with seeded weights.</param>
/// <param name="Cameras">How many; several to see what a camera costs as they grow.</param>
/// <param name="Overload">How many times the capacity; null for a load that fits.</param>
/// <param name="Seconds">Length of one run.</param>
/// <param name="Settle">Seconds before it counts.</param>
internal sealed record BenchOptions(
    string? Model, string Preset, int[] Cameras, double? Overload, int Seconds, int Settle, int Pairs, TimeSpan Deadline)
{
    /// <summary>What to type to measure it again.</summary>
    public string Command(string rest) => string.Create(
        CultureInfo.InvariantCulture,
        $"./actionstream bench pipeline {(Model is null ? "" : $"--model {Model} ")}{rest} --seconds {Seconds} --pairs {Pairs}");
}
