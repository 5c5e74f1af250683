using ActionStream.Core.Media;
using ActionStream.Ingest.Sources;

namespace ActionStream.Unit.Ingest.Sources;

public sealed class FrameHandoverTests : IDisposable
{
    private readonly PixelPool _pool = new();

    public void Dispose()
    {
        Assert.Equal(0, _pool.InUse);
        _pool.Dispose();
    }

    [Fact]
    public async Task Who_waits_for_a_frame_works_on_it_on_the_thread_that_read_it()
    {
        var frames = new FrameHandover(4, dropsOldest: true, () => { });
        var (reader, worker) = (0, 0);
        var work = frames.Reader.ReadAsync().AsTask().ContinueWith(
            read =>
            {
                worker = Environment.CurrentManagedThreadId;
                read.Result.Dispose();
            },
            CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

        await Run(() =>
        {
            reader = Environment.CurrentManagedThreadId;
            frames.Write(Frame());
        });

        await work;
        Assert.Equal(reader, worker);
    }

    [Fact]
    public void A_live_source_sheds_the_oldest_for_one_who_is_busy()
    {
        var shed = 0;
        var frames = new FrameHandover(2, dropsOldest: true, () => shed++);
        for (var i = 0; i < 5; i++)
        {
            Assert.True(frames.Write(Frame(i)));
        }

        Assert.Equal(3, shed);
        Assert.True(frames.Reader.TryRead(out var oldest));
        Assert.Equal(TimeSpan.FromMilliseconds(125 * 3), oldest.Time.Presentation);
        oldest.Dispose();
        frames.Clear();
    }

    [Fact]
    public async Task A_recorded_source_waits_and_is_told_when_nobody_wants_more()
    {
        var shed = 0;
        var frames = new FrameHandover(1, dropsOldest: false, () => shed++);
        Assert.True(frames.Write(Frame(0)));
        var second = true;
        var reading = Run(() => second = frames.Write(Frame(1)));

        frames.Complete();
        await reading.WaitAsync(TimeSpan.FromSeconds(5));

        Assert.False(second);
        Assert.Equal(0, shed);
        frames.Clear();
    }

    private Frame Frame(int index = 0) => ScriptedSource.Frame(_pool, 0, TimeSpan.FromMilliseconds(125 * index));

    /// <summary>On a thread of its own, as the reader is.</summary>
    private static Task Run(Action action) =>
        Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
