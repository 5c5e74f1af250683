using System.Text;
using System.Text.Json;
using ActionStream.Core.Media;
using ActionStream.Models;
using ActionStream.Models.Checkpoints;
using ActionStream.Models.Networks;

namespace ActionStream.Unit.Models;

public sealed class CardNotesTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();

    [Fact]
    public void A_trainers_notes_reach_the_builder()
    {
        var notes = Of(new()
        {
            ["card.labels"] = "rest, fall",
            ["card.background"] = "rest",
            ["card.fit"] = "stretch",
            ["card.enter"] = "fall=0.45",
            ["card.source"] = "rendered people",
            ["card.licence"] = "MIT",
            ["step"] = "7",
        });

        Assert.Equal(["rest", "fall"], notes.Labels);
        Assert.Equal(("rest", Fit.Stretch, "rendered people", "MIT"), (notes.Background, notes.Fit, notes.Source, notes.Licence));
        Assert.Equal(0.45, notes.Enter.Single(entry => entry.Key == "fall").Value);
    }

    [Fact]
    public void A_file_that_says_nothing_asks_for_nothing() => Assert.Equal(CardNotes.None, Of([]));

    [Theory]
    [InlineData("card.fit", "squeeze", "the weights' note card.fit is 'squeeze'; expected crop, stretch or pad")]
    [InlineData("card.enter", "fall", "the weights' note card.enter is 'fall'; expected label=threshold")]
    [InlineData("card.enter", "fall=high", "the weights' note card.enter is 'fall=high'; expected label=threshold")]
    public void A_wrong_note_is_refused_in_words(string note, string value, string problem) =>
        Assert.Equal(problem, Assert.Throws<ModelBuildException>(() => Of(new() { [note] = value })).Message);

    private CardNotes Of(Dictionary<string, string> notes)
    {
        var table = Encoding.UTF8.GetBytes(JsonSerializer.Serialize(new Dictionary<string, object> { ["__metadata__"] = notes }));
        File.WriteAllBytes(_path, [.. BitConverter.GetBytes((long)table.Length), .. table]);
        return CardNotes.Of(SafeTensors.Open(_path));
    }

    public void Dispose() => File.Delete(_path);
}
