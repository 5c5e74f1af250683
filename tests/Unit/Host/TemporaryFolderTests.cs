using ActionStream.Host;
using ActionStream.Unit.Support;

namespace ActionStream.Unit.Host;

public sealed class TemporaryFolderTests
{
    [Fact]
    public void Cleaning_up_a_folder_that_is_gone_is_no_error()
    {
        using var folder = new TemporaryFolder("test");
        File.WriteAllText(folder.At("x"), "y");
        Directory.Delete(folder.FullName, recursive: true);
        folder.Dispose();
        Assert.False(Directory.Exists(folder.FullName));
    }

    [Fact]
    public void What_was_made_in_it_goes_with_it()
    {
        var folder = new TemporaryFolder("test");
        File.WriteAllText(folder.At("x"), "y");
        folder.Dispose();
        Assert.False(Directory.Exists(folder.FullName));
    }

    [Fact]
    public void It_is_the_only_place_that_makes_temporary_folders()
    {
        var others = Directory.EnumerateFiles(Repository.At("src"), "*.cs", SearchOption.AllDirectories)
            .Where(file => Path.GetFileName(file) != "TemporaryFolder.cs"
                && File.ReadAllText(file).Contains("CreateTempSubdirectory", StringComparison.Ordinal));
        Assert.Empty(others);
    }
}
