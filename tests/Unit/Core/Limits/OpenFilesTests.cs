using ActionStream.Core.Limits;

namespace ActionStream.Unit.Core.Limits;

public sealed class OpenFilesTests
{
    [Fact]
    public void A_file_that_is_opened_is_one_less_to_be_opened()
    {
        // Other tests open and close files meanwhile, so many of them, and a wide margin.
        var before = OpenFiles.Left;
        var files = Enumerable.Range(0, 400).Select(_ => File.OpenHandle("/dev/null")).ToArray();
        var after = OpenFiles.Left;
        Array.ForEach(files, file => file.Dispose());

        Assert.InRange(OpenFiles.Limit, 256, long.MaxValue);
        Assert.InRange(before - after, 200, 600);
    }
}
