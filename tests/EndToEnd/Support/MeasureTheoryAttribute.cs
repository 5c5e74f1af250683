namespace ActionStream.EndToEnd.Support;

/// <summary>Like <see cref="MeasureFactAttribute"/>, for tests with cases.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class MeasureTheoryAttribute : TheoryAttribute
{
    public MeasureTheoryAttribute(params string[] needs)
    {
        Needs = needs;
        Skip = new MeasureFactAttribute(needs).Skip;
    }

    public IReadOnlyList<string> Needs { get; }
}
