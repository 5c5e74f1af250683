using ActionStream.Core.Configuration;
using ActionStream.Host.Configuration;

namespace ActionStream.Unit.Host.Configuration;

public sealed class VariablesTests
{
    private static readonly Dictionary<string, string> Environment = new() { ["CAM"] = "rtsp://u:hunter2@cam/1", ["EMPTY"] = "" };

    private static (string? Text, IReadOnlyList<ConfigProblem> Problems) Fill(string typed)
    {
        var check = new ConfigCheck("f.yaml");
        var filled = (SettingScalar)Variables.Fill(new SettingScalar(typed, 3), check, name => Environment.GetValueOrDefault(name));
        return (filled.Text, check.Problems);
    }

    [Theory]
    [InlineData("${CAM}", "rtsp://u:hunter2@cam/1")]
    [InlineData("${PORT:-1883}", "1883")]
    [InlineData("${EMPTY:-x}", "x")]
    [InlineData("cost $$5 at ${NONE:-}", "cost $5 at ")]
    public void References_are_filled_in(string typed, string expected) => Assert.Equal(expected, Fill(typed).Text);

    [Fact]
    public void A_missing_variable_is_named_with_its_line()
    {
        var problem = Assert.Single(Fill("${MISSING}").Problems);
        Assert.Equal(
            "f.yaml:3: needs the environment variable MISSING, which is not set; set it, or write ${MISSING:-default}", problem.ToString());
    }

    [Fact]
    public void A_file_gives_its_text_without_the_last_newline()
    {
        var path = Path.GetTempFileName();
        File.WriteAllText(path, "s3cret\n");
        Assert.Equal("s3cret", Fill($"${{file:{path}}}").Text);
        File.Delete(path);
        Assert.Contains("cannot be read", Assert.Single(Fill($"${{file:{path}}}").Problems).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_secret_that_was_filled_in_never_shows_in_a_message()
    {
        var check = new ConfigCheck("f.yaml");
        var filled = Variables.Fill(new SettingScalar("${CAM}", 3), check, name => Environment.GetValueOrDefault(name));
        SettingBinder.Bind<Sample>(new SettingSection([new("port", filled, 3)], 1), check);
        Assert.Equal("f.yaml:3: port is ${CAM}; expected a whole number", Assert.Single(check.Problems).ToString());
    }

    public sealed record Sample
    {
        public int Port { get; init; }
    }
}
