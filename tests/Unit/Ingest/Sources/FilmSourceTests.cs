using ActionStream.Core.Media;
using ActionStream.Ingest.Sources;

namespace ActionStream.Unit.Ingest.Sources;

public sealed class FilmSourceTests : IDisposable
{
    private readonly PixelPool _pool = new();

    public void Dispose()
    {
        Assert.Equal(0, _pool.InUse);
        _pool.Dispose();
    }

    [Theory]
    [InlineData(new[] { 5 }, 5, new[] { 0 })]
    [InlineData(new[] { 1, 5 }, 5, new[] { 0, 1 })] // a still, then the film
    [InlineData(new[] { 1, 1, 5 }, 5, new[] { 0, 1, 2 })]
    [InlineData(new[] { 1 }, 1, new[] { 0, 1 })] // nothing but a still
    [InlineData(new[] { 0 }, 0, new[] { 0 })]
    public async Task The_first_video_that_moves_is_the_film(int[] videos, int expected, int[] opened)
    {
        var tried = new List<int>();
        var source = new FilmSource(video =>
        {
            tried.Add(video);
            var missing = video < videos.Length ? null : new SourceException(SourceFault.NoVideo, "matches no streams");
            return new ScriptedSource((epoch, cancel) =>
                ScriptedSource.Frames(_pool, epoch, video < videos.Length ? videos[video] : 0, missing, cancel: cancel));
        });
        var count = 0;
        await foreach (var frame in source.ReadAsync(0, default))
        {
            frame.Dispose();
            count++;
        }

        Assert.Equal(expected, count);
        Assert.Equal(opened, tried);
    }

    [Fact]
    public async Task The_film_s_faults_are_its_own()
    {
        var fault = new SourceException(SourceFault.Broken, "torn");
        var source = new FilmSource(_ => new ScriptedSource((epoch, cancel) => ScriptedSource.Frames(_pool, epoch, 1, fault, cancel: cancel)));
        await Assert.ThrowsAsync<SourceException>(async () =>
        {
            await foreach (var frame in source.ReadAsync(0, default))
            {
                frame.Dispose();
            }
        });
    }
}
