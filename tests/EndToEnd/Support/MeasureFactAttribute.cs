namespace ActionStream.EndToEnd.Support;

/// <summary>A test that takes minutes and prints what documents claim. Without MEASURE=1 it is skipped.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class MeasureFactAttribute : FactAttribute
{
    public MeasureFactAttribute(params string[] needs)
    {
        Needs = needs;
        var missing = needs.Where(need => !Parts.IsThere(need)).ToArray();
        Skip = Environment.GetEnvironmentVariable("MEASURE") is null or "" or "0"
            ? "measuring takes its time: make measure, measure-models or measure-outage"
            : missing.Length > 0 ? $"missing: {string.Join(", ", missing)}"
            : null;
    }

    public IReadOnlyList<string> Needs { get; }
}
