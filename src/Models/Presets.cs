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
    private const int MostAlike = 3;
    private const int ShortWord = 3;

    public static IReadOnlyList<Preset> All { get; } =
        [.. FactorisedTokenLearnerPresets.All, .. ScenicPresets.All, .. UniFormerPresets.All, .. Conv3DBertPresets.All, .. X3DPresets.All];

    /// <summary>The preset of that name.</summary>
    public static Preset Named(string name) => Find(name) ?? throw new ModelBuildException(Unknown(name));

    /// <summary>The preset of that name, or null.</summary>
    public static Preset? Find(string name) => All.FirstOrDefault(preset => preset.Name == name);

    /// <summary>That there is no such preset, and which were probably meant.</summary>
    public static string Unknown(string name)
    {
        var meant = SettingName.Nearest(name.ToLowerInvariant(), Names) is { } nearest ? [nearest] : Alike(name).ToArray();
        return $"there is no preset {name}; " + (meant.Length > 0
            ? $"did you mean {string.Join(" or ", meant)}?"
            : $"there are {string.Join(", ", Names)}");
    }

    private static IEnumerable<string> Names => All.Select(preset => preset.Name);

    // By the words of its name, each as typed or nearly: who asks for unifromer-small or tokenlearner-vivit has left some out.
    private static IEnumerable<string> Alike(string name)
    {
        var typed = Words(name);
        return Names.Select(known => (Name: known, Common: Words(known).Count(word => typed.Any(one => IsLike(one, word))),
                Words: Words(known).Length))
            .Where(known => known.Common > 0 && 2 * known.Common >= typed.Length)
            .OrderByDescending(known => known.Common).ThenBy(known => known.Words).Take(MostAlike).Select(known => known.Name);

        static bool IsLike(string typed, string word) => typed.StartsWith(word, StringComparison.Ordinal)
            || (typed.Length > ShortWord && SettingName.Nearest(typed, [word]) is not null);

        static string[] Words(string name) => name.ToLowerInvariant().Split('-', '_', ' ', '/');
    }
}
