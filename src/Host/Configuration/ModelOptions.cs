using ActionStream.Core.Configuration;
using ActionStream.Inference.Configuration;

namespace ActionStream.Host.Configuration;

/// <summary>Which model runs, where, and how clips are put to it.</summary>
public sealed record ModelOptions : InferenceOptions
{
    /// <summary>The model's folder, or the word `default` for the packaged one.</summary>
    public string Path { get; init; } = ModelFolder.Default;

    public void CheckModel(ConfigCheck check)
    {
        check.Expect(Path.Length > 0, Path, "a model's folder, or default");
        Check(check);
    }
}
