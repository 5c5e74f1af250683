using System.Text.Json;
using ActionStream.EndToEnd.Support;
using ActionStream.Models;

namespace ActionStream.EndToEnd.Models;

/// <summary>Our counts against ../shared/models/expected_macs.json, to the last multiply-accumulate.</summary>
public sealed class ExpectedMacsTests
{
    public static TheoryData<string> Counted => [.. Names().Where(ConfiguredCost.Published.ContainsKey)];

    [NeedsTheory("shared")]
    [MemberData(nameof(Counted))]
    public void Parameters_and_products_are_counted_exactly(string name)
    {
        using var expected = Open();
        using var config = JsonDocument.Parse(ConfiguredCost.Published[name]);
        var cost = ConfiguredCost.Count(config.RootElement);
        var model = expected.RootElement.GetProperty("models").GetProperty(name);

        Assert.Equal((model.GetProperty("params").GetInt64(), model.GetProperty("macs").GetInt64()), (cost.Parameters, cost.Macs));
    }

    private static IEnumerable<string> Names()
    {
        if (!Parts.IsThere("shared"))
        {
            return [];
        }

        using var expected = Open();
        return [.. expected.RootElement.GetProperty("models").EnumerateObject().Select(model => model.Name)];
    }

    private static JsonDocument Open() => JsonDocument.Parse(File.ReadAllText(Path.Combine(Parts.Shared, "models", "expected_macs.json")));
}
