using ActionStream.Core.Limits;

namespace ActionStream.Unit.Core.Limits;

public sealed class SpareFilesTests
{
    [Fact]
    public void What_is_held_is_free_again_afterwards()
    {
        // Many at once, so that the other tests' files do not matter.
        var before = OpenFiles.Left;
        var spare = Enumerable.Range(0, 10).Select(_ => new SpareFiles()).ToArray();
        var held = before - OpenFiles.Left;
        Array.ForEach(spare, files => files.Dispose());
        Array.ForEach(spare, files => files.Dispose());

        Assert.InRange(held, 200, 450);
        Assert.InRange(before - OpenFiles.Left, -150, 150);
    }
}
