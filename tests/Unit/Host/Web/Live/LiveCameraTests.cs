using ActionStream.Core.Media;
using ActionStream.Host.Web.Live;

namespace ActionStream.Unit.Host.Web.Live;

public sealed class LiveCameraTests : IDisposable
{
    private readonly PixelPool _pool = new();
    private readonly LiveCamera _camera;
    private int _depth = 2;

    public LiveCameraTests() => _camera = new("front", () => _depth);

    public void Dispose() => _pool.Dispose();

    private bool Put(byte shade, int width = 1, long arrivedAt = 0)
    {
        var size = new FrameSize(width, 1);
        var block = _pool.Rent(size.Bytes);
        block.Span.Fill(shade);
        using var frame = new Frame(new(0, TimeSpan.Zero, arrivedAt), size, block);
        return _camera.Put(frame);
    }

    [Fact]
    public void Nothing_is_kept_while_nobody_looks()
    {
        Assert.False(Put(1));
        Assert.Equal(0, _pool.InUse);
        Assert.Null(_camera.Take());
    }

    [Fact]
    public void Only_the_newest_frames_are_kept_and_they_go_with_the_last_viewer()
    {
        var first = _camera.Watch(isGazing: false);
        var second = _camera.Watch(isGazing: true);
        for (byte shade = 1; shade <= 5; shade++)
        {
            Assert.True(Put(shade));
        }

        Assert.Equal(2, _pool.InUse);
        using (var sight = _camera.Take())
        {
            Assert.Equal([4, 5], sight!.Frames.Select(frame => (int)frame.Span[0]));
            Assert.Equal(5, sight.Pixels[0]);
        }

        Assert.Null(_camera.Take()); // nothing new
        second.Dispose();
        second.Dispose(); // twice is once
        Assert.True(_camera.IsWatched);
        Assert.False(_camera.WantsAttention);
        first.Dispose();
        Assert.Equal((0, false), (_pool.InUse, _camera.IsWatched));
    }

    [Fact]
    public void What_a_camera_goes_back_to_when_it_wakes_is_not_shown_after_what_came_later()
    {
        using var viewer = _camera.Watch(isGazing: false);
        Assert.True(Put(1, arrivedAt: 100));
        Assert.False(Put(2, arrivedAt: 60));
        Assert.False(Put(3, arrivedAt: 99));
        Assert.True(Put(4, arrivedAt: 101));
        using var sight = _camera.Take();
        Assert.Equal([1, 4], sight!.Frames.Select(frame => (int)frame.Span[0]));
    }

    [Fact]
    public void Whether_anybody_looks_is_told_as_they_come_and_leave()
    {
        List<bool> told = [];
        var camera = new LiveCamera("front", () => 1) { OnWatched = told.Add };
        var first = camera.Watch(isGazing: false);
        var second = camera.Watch(isGazing: false);
        first.Dispose();
        Assert.True(told[^1]);
        second.Dispose();
        second.Dispose();
        Assert.False(told[^1]);
    }

    [Fact]
    public void Another_model_may_need_more_of_them_or_fewer()
    {
        using var viewer = _camera.Watch(isGazing: true);
        foreach (var depth in (int[])[4, 1])
        {
            _depth = depth;
            for (byte shade = 1; shade <= 5; shade++)
            {
                Put(shade);
            }

            using var sight = _camera.Take();
            Assert.Equal(depth, sight!.Frames.Count);
        }
    }

    [Fact]
    public void Frames_of_another_size_do_not_mix()
    {
        using var viewer = _camera.Watch(isGazing: true);
        Put(1);
        Put(2, width: 3);
        using var sight = _camera.Take();
        Assert.Equal((1, 3), (sight!.Frames.Count, sight.Size.Width));
    }

    [Fact]
    public void A_picture_that_was_made_after_the_last_one_left_is_not_kept()
    {
        _camera.Watch(isGazing: false).Dispose();
        _camera.Show(DateTimeOffset.UnixEpoch, [1], null);
        Assert.Null(_camera.Latest);
    }
}
