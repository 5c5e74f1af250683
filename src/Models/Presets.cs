using ActionStream.Core.Configuration;
using ActionStream.Models.Conv3DBert;
using ActionStream.Models.Networks;
using ActionStream.Models.TokenLearner;
using ActionStream.Models.UniFormer;
using ActionStream.Models.X3D;

namespace ActionStream.Models;

/// <summary>Every preset there is. To add an architecture, write its network in a folder of its own and list its presets here.</summary>
public static class Presets
{
    public static IReadOnlyList<Preset> All { get; } =
        [.. FactorisedTokenLearnerPresets.All, .. ScenicPresets.All, .. UniFormerPresets.All, .. Conv3DBertPresets.All, .. X3DPresets.All];

    /// <summary>The preset of that name.</summary>
    public static Preset Named(string name) => Find(name) ?? throw new ModelBuildException(Unknown(name));

    /// <summary>The preset of that name, or null.</summary>
    public static Preset? Find(string name) => All.FirstOrDefault(preset => preset.Name == name);

    /// <summary>That there is no such preset, and which was probably meant.</summary>
    public static string Unknown(string name) =>
        $"there is no preset {name}; "
        + (SettingName.Nearest(name, All.Select(preset => preset.Name)) is { } meant
            ? $"did you mean {meant}?"
            : $"there are {string.Join(", ", All.Select(preset => preset.Name))}");
}
