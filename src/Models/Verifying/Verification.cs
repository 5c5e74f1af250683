using ActionStream.Models.Networks;

namespace ActionStream.Models.Verifying;

/// <summary>How far from the reference an answer may be, as a share of the reference's largest number.</summary>
/// <param name="Output">For the network's answer.</param>
/// <param name="Mid">For what layers give on the way.</param>
/// <param name="AtLeastOne">Numbers smaller than 1 count as 1.</param>
public sealed record Tolerances(double Output, double Mid, bool AtLeastOne)
{
    /// <summary>
    /// Two sound float32 implementations differ by at most 5e-6 here, and the mildest real mistake, one GELU for the
    /// other, by 5e-5. A network that drops tokens by rank may differ more where numbers are small.
    /// </summary>
    public static Tolerances Of(string architecture) =>
        architecture == "uniformer_light" ? new(5e-5, 5e-5, AtLeastOne: true) : new(2e-5, 5e-5, AtLeastOne: false);
}

/// <summary>One array held against the reference's.</summary>
/// <param name="MaxAbs">Largest difference.</param>
/// <param name="MaxRel">Largest difference as a share of the reference's largest number.</param>
/// <param name="IsGood">Within the tolerance.</param>
public sealed record Difference(double MaxAbs, double MaxRel, bool IsGood)
{
    /// <summary>A number that is not one, where the reference has one, is as wrong as can be.</summary>
    public static Difference Between(ReadOnlySpan<float> actual, ReadOnlySpan<float> expected, double tolerance, bool atLeastOne)
    {
        if (actual.Length != expected.Length)
        {
            throw new ArgumentException($"{actual.Length} numbers cannot be held against {expected.Length}");
        }

        double worst = 0, largest = 0;
        for (var i = 0; i < actual.Length; i++)
        {
            var difference = Math.Abs((double)actual[i] - expected[i]);
            worst = double.IsFinite(difference) ? Math.Max(worst, difference) : double.MaxValue;
            largest = Math.Max(largest, Math.Abs((double)expected[i]));
        }

        var share = worst == 0 ? 0 : largest == 0 ? worst : worst / largest;
        return new(worst, share, worst <= tolerance * (atLeastOne ? Math.Max(1, largest) : largest));
    }

    /// <summary>Which things were chosen in each row, in whatever order: the share of choices that the reference did not make.</summary>
    public static Difference OfChoices(ReadOnlySpan<float> actual, ReadOnlySpan<float> expected, int perRow)
    {
        var wrong = 0;
        for (var row = 0; row + perRow <= expected.Length; row += perRow)
        {
            wrong += actual.Slice(row, perRow).ToArray().Except(expected.Slice(row, perRow).ToArray()).Count();
        }

        return new(wrong, (double)wrong / Math.Max(1, expected.Length), wrong == 0);
    }
}

/// <summary>A network's answers held against a golden file.</summary>
/// <param name="Output">The answer itself.</param>
/// <param name="Mids">What layers gave on the way, by name.</param>
/// <param name="Unmarked">Mids of the file that the network does not name.</param>
public sealed record Verification(Difference Output, IReadOnlyDictionary<string, Difference> Mids, IReadOnlyList<string> Unmarked)
{
    public bool IsGood => Output.IsGood && Mids.Values.All(mid => mid.IsGood);

    /// <param name="golden">What the reference gave.</param>
    /// <param name="results">What ours gave, by the names of the graph's outputs; the answer alone is enough.</param>
    public static Verification Of(GoldenFile golden, IReadOnlyDictionary<string, float[]> results)
    {
        var mids = golden.Mids.Where(mid => results.ContainsKey(GoldenFile.Mid + mid)).ToList();
        return new(
            Compare(golden, GoldenFile.Output, results, golden.Tolerances.Output),
            mids.ToDictionary(
                mid => mid, mid => Compare(golden, GoldenFile.Mid + mid, results, golden.Tolerances.Mid), StringComparer.Ordinal),
            [.. golden.Mids.Except(mids)]);
    }

    private static Difference Compare(GoldenFile golden, string name, IReadOnlyDictionary<string, float[]> results, double tolerance)
    {
        var expected = golden.Read(name);
        var actual = results[name];
        if (actual.Length != expected.Values.Length)
        {
            throw new ModelBuildException(
                $"{name}: ours has {actual.Length} numbers, the file's has {expected.Values.Length} as "
                + $"[{string.Join(", ", expected.Shape)}]");
        }

        return golden.IsChoice(name)
            ? Difference.OfChoices(actual, expected.Values, expected.Shape[^1])
            : Difference.Between(actual, expected.Values, tolerance, golden.Tolerances.AtLeastOne);
    }
}
