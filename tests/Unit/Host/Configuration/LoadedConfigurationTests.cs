using ActionStream.Core.Configuration;
using ActionStream.Core.Modelling;
using ActionStream.Host.Configuration;

namespace ActionStream.Unit.Host.Configuration;

public sealed class LoadedConfigurationTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("loaded-").FullName;

    public LoadedConfigurationTests() => CardFile.Save(
        new ModelCard
        {
            Name = "mini",
            Input = new() { Frames = 16, Height = 112, Width = 112, Interval = TimeSpan.FromMilliseconds(125) },
            Labels = ["idle", "fall"],
        },
        _folder);

    [Fact]
    public void Every_kind_of_mistake_is_told_at_once_with_file_line_and_what_was_meant()
    {
        var path = Write(
            $$"""
            model: {path: "{{_folder}}"}
            nodee: x
            mqtt: {username: u, password: "${NOT_SET_ANYWHERE_42}"}
            cameras:
              door: {url: "rtsp://cam/1", hop: -1}
              yard: {url: "rtsp://cam/2", hop: 17}
              gate: {url: "rtsp://cam/3"}
              gate: {url: "rtsp://cam/4"}
            """);

        var problems = Assert.Throws<ConfigException>(() => LoadedConfiguration.Load(path)).Problems;
        Assert.All(problems, problem => Assert.Equal(path, problem.File));
        Assert.Equal(
            [
                "2: nodee is not a setting; did you mean node?",
                "3: mqtt.password needs the environment variable NOT_SET_ANYWHERE_42, which is not set; "
                + "set it, or write ${NOT_SET_ANYWHERE_42:-default}",
                "5: cameras.door.hop is -1; expected 1 to the model's frames per clip",
                "6: cameras.yard.hop is 17; expected 1 to 16 (the model's frames): a longer hop would leave frames unseen",
                "8: cameras.gate stands twice (first in line 7); keep one",
            ],
            problems.OrderBy(problem => problem.Line).Select(problem => $"{problem.Line}: {problem.Path} {problem.Message}"));
    }

    [Fact]
    public void A_syntax_error_is_one_problem_with_its_line()
    {
        var path = Write("a: 1\nb: [1, 2\nc: 3\n");
        var problem = Assert.Single(Assert.Throws<ConfigException>(() => LoadedConfiguration.Load(path)).Problems);
        Assert.True(problem.Line is 2 or 3, $"{problem}");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Write(string text)
    {
        var path = Path.Combine(_folder, "site.yaml");
        File.WriteAllText(path, text);
        return path;
    }
}
