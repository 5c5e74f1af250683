using ActionStream.Core.Configuration;

namespace ActionStream.Host.Configuration;

/// <summary>Which model runs, and where.</summary>
public sealed record ModelOptions
{
    /// <summary>The model's folder, or the word `default` for the packaged one.</summary>
    public string Path { get; init; } = ModelFolder.Default;

    public void Check(ConfigCheck check)
    {
        check.Expect(Path.Length > 0, Path, "a model's folder, or default");
    }
}
