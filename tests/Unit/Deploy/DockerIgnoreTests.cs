namespace ActionStream.Unit.Deploy;

public sealed class DockerIgnoreTests
{
    [Theory]
    [InlineData("training", "training/default/weights.safetensors", false)] // a folder takes all below it along
    [InlineData("training", "docs/training", true)]
    [InlineData("/training/", "training/train.py", false)]
    [InlineData("*\n!src", "src/Core/Core.csproj", true)]
    [InlineData("*\n!src", "README.md", false)]
    [InlineData("!src\n*", "src/Core/Core.csproj", false)] // the last word counts
    [InlineData("*\n!src\n**/obj", "src/Core/obj/project.assets.json", false)]
    [InlineData("**/obj", "obj/project.assets.json", false)]
    [InlineData("**/obj", "src/objects/One.cs", true)]
    [InlineData("docs/**", "docs/decisions/0001.md", false)]
    [InlineData("*.md", "docs/mqtt.md", true)] // a star stays within a name
    [InlineData("**/*.md", "docs/mqtt.md", false)]
    [InlineData("**/*.md", "README.md", false)]
    [InlineData("a?.[ch]", "ab.c", false)]
    [InlineData("a?.[ch]", "ab.d", true)]
    [InlineData("# src\n\n  docs  ", "src/Core/Core.csproj", true)]
    [InlineData("# src\n\n  docs  ", "docs/mqtt.md", false)]
    [InlineData("*\n!training/default/weights.safetensors", "training/default/MODEL.md", false)]
    [InlineData("*\n!training/default/weights.safetensors", "training/default/weights.safetensors", true)]
    public void Patterns_say_what_Docker_says_they_do(string patterns, string path, bool isLetThrough) =>
        Assert.Equal(isLetThrough, new DockerIgnore(patterns).LetsThrough(path));

    [Fact]
    public void A_folder_that_is_left_out_is_still_searched_for_its_exceptions()
    {
        var root = Directory.CreateTempSubdirectory("dockerignore-").FullName;
        string[] paths = ["training/default/weights", "training/default/MODEL.md", "training/train.py", "LICENSE", "src/A.cs"];
        foreach (var path in paths)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(root, path))!);
            File.WriteAllText(Path.Combine(root, path), "");
        }

        Assert.Equal(["src/A.cs", "training/default/weights"], new DockerIgnore("*\n!src\n!training/default/weights").Files(root));
        Directory.Delete(root, recursive: true);
    }
}
