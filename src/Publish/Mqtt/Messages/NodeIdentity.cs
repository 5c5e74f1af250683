using ActionStream.Core.Modelling;

namespace ActionStream.Publish.Mqtt.Messages;

/// <summary>Which node a message is from: what it tells about itself.</summary>
/// <param name="Node">This machine's name in topics and messages; a slug.</param>
/// <param name="BootId">Different at every start, so that readers of `seq` can tell a gap from a restart.</param>
/// <param name="Device">Where models run: cpu, cuda:0.</param>
public sealed record NodeIdentity(string Node, string BootId, string Version, string Device);

/// <summary>What a model is called in messages.</summary>
/// <param name="Version">The start of its file's digest, if its card has one.</param>
public sealed record ModelIdentity(string Name, string? Version, bool Trained)
{
    private const int DigitsShown = 12;

    public static ModelIdentity Of(ModelCard card) =>
        new(
            card.Name,
            card.Model.Sha256 is { } digest ? $"sha256:{digest[..Math.Min(DigitsShown, digest.Length)].ToLowerInvariant()}" : null,
            card.Trained);
}
