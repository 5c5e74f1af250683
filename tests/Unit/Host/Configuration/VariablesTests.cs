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
        Assert.Contains("does not exist; create it", Assert.Single(Fill($"${{file:{path}}}").Problems).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_secret_that_was_filled_in_never_shows_in_a_message()
    {
        var check = new ConfigCheck("f.yaml");
        var filled = Variables.Fill(new SettingScalar("${CAM}", 3), check, name => Environment.GetValueOrDefault(name));
        SettingBinder.Bind<Sample>(new SettingSection([new("port", filled, 3)], 1), check);
        Assert.Equal("f.yaml:3: port is ${CAM}; expected a whole number", Assert.Single(check.Problems).ToString());
    }

    [Theory]
    [InlineData("node: ${file:FILE}")]
    [InlineData("mqtt: {host: '${file:FILE}', prefix: '+${file:FILE}', client_id: '${file:FILE}'}")]
    [InlineData("http: {address: '${file:FILE}', username: '${file:FILE}:'}")]
    [InlineData("cameras: {a: {url: 'xtp://${file:FILE}', name: '${file:FILE}', aspect: '${file:FILE}', hop: '${file:FILE}'}}")]
    [InlineData("tracing: {endpoint: '${file:FILE}'}")]
    [InlineData("model: {device: '${file:FILE}', path: '${file:FILE}'}")]
    [InlineData("media: {path: /x, recordings: {enabled: true, buffer: '${file:FILE}|'}}")]
    public void No_setting_that_is_refused_shows_what_a_file_or_a_variable_holds(string yaml)
    {
        var path = Path.GetTempFileName();
        File.WriteAllText(path, "Root:$6$ZqShadow/x y\n");
        foreach (var reference in (string[])[$"${{file:{path}}}", "${SHADOW}"])
        {
            List<ConfigProblem> problems = [];
            var typed = YamlFile.Parse(yaml.Replace("${file:FILE}", reference, StringComparison.Ordinal), "f.yaml", problems)!;
            problems.AddRange(ConfigFile.Bind("f.yaml", typed, name => name == "SHADOW" ? "Root:$6$ZqShadow/x y" : null).Problems);
            Assert.NotEmpty(problems);
            Assert.DoesNotContain("ZqShadow", string.Join('\n', problems), StringComparison.OrdinalIgnoreCase);
        }

        File.Delete(path);
    }

    [Theory]
    [InlineData("/dev/zero", "is empty, or a device, pipe or socket")]
    [InlineData("/etc", "is a folder")]
    [InlineData("/etc/passwd", "has more than one line")]
    [InlineData("/proc/self/environ", "is empty, or a device, pipe or socket")]
    public void What_is_no_file_of_one_line_is_refused_without_being_shown(string path, string problem)
    {
        var (text, problems) = Fill($"${{file:{path}}}");
        Assert.Equal("", text);
        Assert.StartsWith($"needs the file {path}, which {problem}", Assert.Single(problems).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_larger_than_64_kB_is_refused()
    {
        var path = Path.GetTempFileName();
        File.WriteAllText(path, new string('x', OutsideFile.MostBytes + 1));
        Assert.Contains("is larger than 64 kB", Assert.Single(Fill($"${{file:{path}}}").Problems).Message, StringComparison.Ordinal);
        File.WriteAllText(path, new string('x', OutsideFile.MostBytes));
        Assert.Empty(Fill($"${{file:{path}}}").Problems);
        File.Delete(path);
    }

    public sealed record Sample
    {
        public int Port { get; init; }
    }
}
