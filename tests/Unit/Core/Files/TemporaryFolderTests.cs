using ActionStream.Core.Files;
using ActionStream.Unit.Support;

namespace ActionStream.Unit.Core.Files;

public sealed class TemporaryFolderTests
{
    [Fact]
    public void It_goes_with_all_that_is_in_it()
    {
        string path;
        using (var folder = new TemporaryFolder("test"))
        {
            path = folder.Path;
            Directory.CreateDirectory(folder.At("deeper"));
            File.WriteAllText(folder.At("deeper/file"), "");
        }

        Assert.False(Directory.Exists(path));
    }

    [Fact]
    public void One_that_somebody_has_removed_meanwhile_changes_no_result()
    {
        int Work()
        {
            using var folder = new TemporaryFolder("test");
            Directory.Delete(folder.Path);
            return 7;
        }

        Assert.Equal(7, Work());
    }

    [Fact]
    public void No_other_code_makes_and_removes_such_folders_by_itself() => Assert.Equal(
        ["src/Core/Files/TemporaryFolder.cs"],
        Repository.Files("src", "*.cs")
            .Where(file => File.ReadAllText(file).Contains("CreateTempSubdirectory", StringComparison.Ordinal))
            .Select(file => Path.GetRelativePath(Repository.Root, file)));
}
