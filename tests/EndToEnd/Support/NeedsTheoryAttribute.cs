namespace ActionStream.EndToEnd.Support;

/// <summary>Like <see cref="NeedsFactAttribute"/>, for tests with cases.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NeedsTheoryAttribute : TheoryAttribute
{
    public NeedsTheoryAttribute(params string[] needs)
    {
        Needs = needs;
        Skip = new NeedsFactAttribute(needs).Skip;
    }

    public IReadOnlyList<string> Needs { get; }
}
