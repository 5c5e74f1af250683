namespace ActionStream.EndToEnd.Support;

/// <summary>A test that runs on real parts, and says which is missing where it cannot.</summary>
/// <remarks>
/// A need is a program on PATH, or one of the words `shared` (../shared beside the repository), `rtsp` (the RTSP test server),
/// `root` and `namespaces` (mounts of one's own).
/// </remarks>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NeedsFactAttribute : FactAttribute
{
    public NeedsFactAttribute(params string[] needs)
    {
        Needs = needs;
        var missing = needs.Where(need => !Parts.IsThere(need)).ToArray();
        if (missing.Length > 0)
        {
            Skip = $"missing: {string.Join(", ", missing)} (make setup installs what it can; ../shared comes with the project)";
        }
    }

    public IReadOnlyList<string> Needs { get; }
}
