using System.Text.Json;
using ActionStream.EndToEnd.Support;

namespace ActionStream.EndToEnd.Scenarios;

/// <summary>`models adopt` as a user meets it: told what is missing, saves the example, fills it in, has a model.</summary>
public sealed class ModelsAdoptTests : IDisposable
{
    private static readonly string Theirs = Path.Combine(Parts.Shared, "golden", "foreign", "uniformer_tiny.onnx");

    private readonly string _folder = Directory.CreateTempSubdirectory("adopt").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [NeedsFact("shared")]
    public async Task The_card_that_the_message_shows_is_all_that_is_needed()
    {
        var model = Path.Combine(_folder, "model");
        var (code, _, all) = await Service.RunAsync(["models", "adopt", Theirs, "--out", model]);
        Assert.Equal(2, code);
        Assert.Contains("missing: scale, mean, std, colour, interval, activation, labels (5)", all, StringComparison.Ordinal);
        Assert.False(Directory.Exists(model));

        var card = Path.Combine(_folder, "theirs.yaml");
        await File.WriteAllTextAsync(card, all[all.IndexOf("name: ", StringComparison.Ordinal)..]);
        (code, var output, all) = await Service.RunAsync(["models", "adopt", Theirs, "--card", card, "--out", model, "--json"]);
        Assert.True(code == 0, all);
        using var answer = JsonDocument.Parse(output);
        Assert.Equal("ncthw", answer.RootElement.GetProperty("layout").GetString());
        Assert.Equal("input", answer.RootElement.GetProperty("inputs")[0].GetProperty("name").GetString());
        Assert.Equal("logits", answer.RootElement.GetProperty("outputs")[0].GetProperty("name").GetString());
        Assert.True(File.Exists(answer.RootElement.GetProperty("card").GetString()));
    }

    [Fact]
    public async Task A_file_that_is_not_ONNX_and_a_card_with_mistakes_are_told_in_words()
    {
        var file = Path.Combine(_folder, "cat.onnx");
        await File.WriteAllTextAsync(file, "not a model");
        var (code, _, all) = await Service.RunAsync(["models", "adopt", file, "--out", _folder]);
        Assert.True(code == 2 && all.Contains("not an ONNX file", StringComparison.Ordinal), all);

        var card = Path.Combine(_folder, "card.yaml");
        await File.WriteAllTextAsync(card, "meen: [1]\nstd: [0]\ncolour: rbg\n");
        (code, _, all) = await Service.RunAsync(["models", "adopt", file, "--card", card, "--out", _folder]);
        Assert.True(code == 2, all);
        Assert.Contains("meen is not a setting; did you mean mean?", all, StringComparison.Ordinal);
        Assert.Contains("colour is rbg; expected rgb, bgr", all, StringComparison.Ordinal);
    }
}
