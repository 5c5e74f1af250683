using ActionStream.Core.Modelling;
using ActionStream.Host.Configuration;

namespace ActionStream.Host.Reload;

/// <summary>Tells one model from another by what decides how it is loaded: its settings, its card, and its files' sizes and times,
/// because a card may hold no digests.</summary>
internal sealed class ModelStamp
{
    private readonly ModelOptions _options;
    private readonly ModelCard _card;
    private readonly string _files;

    private ModelStamp(ModelOptions options, ModelCard card, string files) => (_options, _card, _files) = (options, card, files);

    public static ModelStamp Of(LoadedConfiguration loaded)
    {
        var (card, options) = (loaded.Card, loaded.Options.Model);
        var files = new[] { card.Model, card.Streaming?.FrameEncoder, card.Streaming?.TemporalHead }
            .OfType<ModelFile>()
            .Select(file => new FileInfo(Path.Combine(loaded.Folder, file.Path)))
            .Select(file => file.Exists ? $"{file.FullName} {file.Length} {file.LastWriteTimeUtc:O}" : file.FullName);
        return new(
            options with { Path = "", Admission = default, RunTimeout = default, Batch = options.Batch with { Workers = 0 } },
            card, string.Join('\n', files));
    }

    public bool IsSame(ModelStamp other) =>
        _files == other._files && OptionsDiff.Between(_card, other._card).Count == 0
        && OptionsDiff.Between(_options, other._options).Count == 0;
}
