using System.Text.Json;
using System.Text.RegularExpressions;
using ActionStream.EndToEnd.Support;
using ActionStream.Models;
using ActionStream.Models.Checkpoints;
using ActionStream.Models.Graphs;
using ActionStream.Models.Layers;
using ActionStream.Models.Networks;
using ActionStream.Models.TokenLearner;

namespace ActionStream.EndToEnd.Contracts.Models;

/// <summary>Our counts against every entry of Reference/models/expected_macs.json and uniformer-light-expected-macs.json,
/// to the last multiply-accumulate.</summary>
public sealed class ExpectedMacsTests
{
    private const string Full = "expected_macs.json";
    private const string Light = "uniformer-light-expected-macs.json";

    /// <summary>Entries that a preset describes, and no published configuration.</summary>
    private static readonly Dictionary<string, string> ByPreset = new()
    {
        ["rgb_r2plus1d_32f_34_hmdb51"] = "r2plus1d-34-32",
        ["rgb_r2plus1d_32f_34_bert10_hmdb51"] = "r2plus1d-34-32-bert",
        ["rgb_r2plus1d_64f_34_hmdb51"] = "r2plus1d-34-64",
        ["rgb_r2plus1d_64f_34_bert10_hmdb51"] = "r2plus1d-34-64-bert",
        ["r2plus1d_34_32_kinetics400"] = "r2plus1d-34-32-kinetics400",
        ["r2plus1d_34_8_kinetics400"] = "r2plus1d-34-8-kinetics400",
        ["rgb_resneXt3D64f101_plain_tgap_hmdb51"] = "resnext3d-101",
        ["rgb_resneXt3D64f101_FRMB_tgap_hmdb51"] = "resnext3d-101-frmb",
        ["rgb_resneXt3D64f101_FRMB_bert_hmdb51"] = "resnext3d-101-frmb-bert",
        ["rgb_resneXt3D64f101_FRAB_tgap_hmdb51"] = "resnext3d-101-frab",
        ["rgb_resneXt3D64f101_FRAB_bert_hmdb51"] = "resnext3d-101-frab-bert",
        ["rgb_I3D64f_plain_tgap_hmdb51"] = "i3d",
        ["rgb_I3D64f_plain_bert2_hmdb51"] = "i3d-bert",
        ["rgb_I3D64f_FRMB_tgap_hmdb51"] = "i3d-frmb",
        ["rgb_I3D64f_FRMB_bert2_hmdb51"] = "i3d-frmb-bert",
        ["rgb_I3D64f_FRAB_tgap_hmdb51"] = "i3d-frab",
        ["rgb_I3D64f_FRAB_bert2_hmdb51"] = "i3d-frab-bert",
    };

    /// <summary>Entries that we do not build, each with why. An entry that is neither here nor counted fails.</summary>
    private static readonly Dictionary<string, string> NotBuilt = [];

    public static TheoryData<string, string> Entries
    {
        get
        {
            var entries = new TheoryData<string, string>();
            foreach (var file in new[] { Full, Light })
            {
                foreach (var name in Names(file))
                {
                    entries.Add(file, name);
                }
            }

            return entries;
        }
    }

    [Theory]
    [MemberData(nameof(Entries))]
    public void Parameters_and_products_are_counted_exactly(string file, string name)
    {
        using var expected = Open(file);
        var entry = Listed(expected, file).GetProperty(name);
        if (NotBuilt.ContainsKey(name))
        {
            Assert.False(IsCounted(name), $"{name} is built by now: take it off the list");
            return;
        }

        Assert.True(IsCounted(name), $"{name} is neither a published configuration nor a preset's entry, and no reason is given");
        var cost = Count(name);
        Assert.Equal((name, entry.GetProperty("macs").GetInt64()), (name, cost.Macs));
        if (file == Light)
        {
            // This file tells no parameters and names groups in its own way (UniFormerSpecificationTests).
            return;
        }

        Assert.Equal((name, entry.GetProperty("params").GetInt64()), (name, cost.Parameters));
        foreach (var group in entry.TryGetProperty("groups", out var groups) ? groups.EnumerateObject() : default)
        {
            var modules = cost.Modules.Where(
                module => module.Module == group.Name || module.Module.StartsWith(group.Name + ".", StringComparison.Ordinal)).ToList();
            Assert.Equal(
                (group.Name, group.Value.GetProperty("params").GetInt64(), group.Value.GetProperty("macs").GetInt64()),
                (group.Name, modules.Sum(module => module.Parameters), modules.Sum(module => module.Macs)));
        }
    }

    [Fact]
    public void Nothing_that_is_counted_or_left_out_is_missing_from_the_files()
    {
        var names = Names(Full).Concat(Names(Light)).ToHashSet(StringComparer.Ordinal);
        Assert.NotEmpty(names);
        Assert.Empty(ByPreset.Keys.Concat(NotBuilt.Keys).Concat(ConfiguredCost.Published.Keys).Except(names, StringComparer.Ordinal));
    }

    [Fact]
    public void Halves_and_a_hop_of_one_are_counted_exactly()
    {
        using var expected = Open(Full);
        var ours = expected.RootElement.GetProperty("models").EnumerateObject()
            .Where(model => model.Value.TryGetProperty("cached_hop1_macs", out _)).ToList();
        Assert.NotEmpty(ours);
        Assert.All(ours, model =>
        {
            var numbers = Regex.Match(model.Name, @"_D(\d+)_T(\d+)_Ls(\d+)_Lt(\d+)_S(\d+)_").Groups.Values.Skip(1)
                .Select(group => int.Parse(group.Value)).ToArray();
            var measures = new Measures(numbers[1], 224, 224, 400);
            var network = new FactorisedTokenLearnerViViT(new Weights(new NoNumbers()), new(
                numbers[1], new PatchGrid(2, 16, 224, 224), numbers[0], numbers[0] / 64, numbers[2], numbers[3], numbers[4], 400));
            var frame = FlopCounter.Macs(ModelGraphs.FrameEncoder(network, measures, form: GraphForm.Portable));
            var head = FlopCounter.Macs(ModelGraphs.TemporalHead(network, measures, GraphForm.Portable));
            long Expected(string name) => model.Value.GetProperty(name).GetInt64();

            Assert.Equal(
                (Expected("frame_encoder_macs"), Expected("temporal_head_macs"), Expected("cached_hop1_macs")),
                (frame, head, frame + head));
        });
    }

    private static bool IsCounted(string name) => ConfiguredCost.Published.ContainsKey(name) || ByPreset.ContainsKey(name);

    private static ModelCost Count(string name)
    {
        if (ByPreset.TryGetValue(name, out var preset))
        {
            return FlopCounter.Count(Presets.Named(preset));
        }

        using var config = JsonDocument.Parse(ConfiguredCost.Published[name]);
        return ConfiguredCost.Count(config.RootElement);
    }

    private static IEnumerable<string> Names(string file)
    {
        using var expected = Open(file);
        return [.. Listed(expected, file).EnumerateObject().Select(entry => entry.Name)];
    }

    private static JsonElement Listed(JsonDocument document, string file) =>
        file == Full ? document.RootElement.GetProperty("models") : document.RootElement;

    private static JsonDocument Open(string file) => JsonDocument.Parse(File.ReadAllText(Path.Combine(Parts.Reference, "models", file)));
}
