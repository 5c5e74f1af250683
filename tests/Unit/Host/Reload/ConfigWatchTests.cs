using ActionStream.Host.Reload;

namespace ActionStream.Unit.Host.Reload;

public sealed class ConfigWatchTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("watch-").FullName;
    private readonly string _path;
    private readonly ConfigWatch _watch;

    public ConfigWatchTests()
    {
        _path = Path.Combine(_folder, "site.yaml");
        File.WriteAllText(_path, "node: a\n");
        _watch = new(_path, TimeProvider.System);
    }

    [Fact]
    public async Task Another_content_is_news_once_it_has_settled()
    {
        Write("node: b\n", 1);
        _watch.LookAgain();
        Write("node: bb\n", 2); // still being written
        _watch.LookAgain();
        Assert.Equal(0, await NewsAsync());

        _watch.LookAgain();
        _watch.LookAgain();
        Assert.Equal(1, await NewsAsync());
    }

    [Fact]
    public async Task What_was_read_because_somebody_asked_is_not_read_again()
    {
        Write("node: b\n", 1);
        _watch.Note();
        Look(3);
        Assert.Equal(0, await NewsAsync());
    }

    [Fact]
    public async Task The_same_content_written_again_is_no_news()
    {
        Write("node: a\n", 1);
        Look(3);
        Assert.Equal(0, await NewsAsync());
    }

    [Fact]
    public async Task An_editor_that_renames_is_followed_and_the_moment_without_a_file_is_none()
    {
        File.Move(_path, _path + "~");
        Look(2);
        Assert.Equal(0, await NewsAsync());

        File.WriteAllText(_path + ".new", "node: c\n");
        File.SetLastWriteTimeUtc(_path + ".new", new DateTime(2026, 1, 1, 0, 0, 3, DateTimeKind.Utc));
        File.Move(_path + ".new", _path);
        Look(2);
        Assert.Equal(1, await NewsAsync());
    }

    [Fact]
    public async Task A_link_that_is_swapped_as_in_a_ConfigMap_is_followed()
    {
        foreach (var (version, content) in new[] { ("one", "node: a\n"), ("two", "node: d\n") })
        {
            Directory.CreateDirectory(Path.Combine(_folder, version));
            File.WriteAllText(Path.Combine(_folder, version, "site.yaml"), content);
        }

        var current = Path.Combine(_folder, "current");
        Directory.CreateSymbolicLink(current, Path.Combine(_folder, "one"));
        var watch = new ConfigWatch(Path.Combine(current, "site.yaml"), TimeProvider.System);
        Directory.Delete(current);
        Directory.CreateSymbolicLink(current, Path.Combine(_folder, "two"));
        File.SetLastWriteTimeUtc(Path.Combine(_folder, "two", "site.yaml"), new DateTime(2026, 1, 1, 0, 0, 9, DateTimeKind.Utc));
        watch.LookAgain();
        watch.LookAgain();
        Assert.Equal(1, await NewsAsync(watch));
    }

    [Fact]
    public async Task Being_asked_is_news_and_ten_times_is_once()
    {
        for (var i = 0; i < 10; i++)
        {
            _watch.Ask("SIGHUP");
        }

        Assert.Equal(1, await NewsAsync());
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    // Times of its own, because two writes within the file system's grain would look alike.
    private void Write(string text, int second)
    {
        File.WriteAllText(_path, text);
        File.SetLastWriteTimeUtc(_path, new DateTime(2026, 1, 1, 0, 0, second, DateTimeKind.Utc));
    }

    private void Look(int times)
    {
        for (var i = 0; i < times; i++)
        {
            _watch.LookAgain();
        }
    }

    private async Task<int> NewsAsync(ConfigWatch? watch = null)
    {
        var count = 0;
        using var enough = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        try
        {
            await foreach (var _ in (watch ?? _watch).ReadAllAsync(enough.Token))
            {
                count++;
            }
        }
        catch (OperationCanceledException)
        {
            // No more for now.
        }

        return count;
    }
}
