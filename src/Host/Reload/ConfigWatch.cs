using System.Security.Cryptography;
using System.Threading.Channels;

namespace ActionStream.Host.Reload;

/// <summary>Notices that the configuration file has another content, or that somebody asked to read it again.</summary>
/// <remarks>
/// It looks once a second rather than being told: editors rename files, ConfigMaps swap links, network drives tell
/// nobody. A file counts as changed when it has been the same for one more look, so that a half-written one is not read.
/// Secrets in other files are read anew on SIGHUP only.
/// </remarks>
internal sealed class ConfigWatch
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly Channel<string> _news = Channel.CreateBounded<string>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private Stamp? _last;
    private volatile string? _content;
    private bool _isSettling;

    /// <summary>Make it before the file is read for the first time: what changes from then on is news.</summary>
    public ConfigWatch(string path, TimeProvider time)
    {
        (Path, _path, _time) = (path, System.IO.Path.GetFullPath(path), time);
        (_last, _content) = (Look(), Digest());
    }

    /// <summary>The file as its user named it.</summary>
    public string Path { get; }

    /// <summary>Reads again without a change, as for SIGHUP. From any thread.</summary>
    public void Ask(string reason) => _news.Writer.TryWrite(reason);

    /// <summary>Whoever reads the file now says so first: what it holds at this moment is no news any more.</summary>
    public void Note() => _content = Digest();

    /// <summary>Why to read the file again, each time.</summary>
    public IAsyncEnumerable<string> ReadAllAsync(CancellationToken cancel) => _news.Reader.ReadAllAsync(cancel);

    public async Task RunAsync(CancellationToken cancel)
    {
        using var timer = new PeriodicTimer(Every, _time);
        while (await timer.WaitForNextTickAsync(cancel))
        {
            LookAgain();
        }
    }

    /// <summary>A second has passed.</summary>
    internal void LookAgain()
    {
        var now = Look();
        if (now is null)
        {
            return; // an editor is between two renames
        }

        if (now != _last)
        {
            (_last, _isSettling) = (now, true);
        }
        else if (_isSettling)
        {
            _isSettling = false;
            if (Digest() is { } content && content != _content)
            {
                _content = content;
                Ask("the file has changed");
            }
        }
    }

    private Stamp? Look()
    {
        try
        {
            var file = new FileInfo(_path);
            file = file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file;
            return file.Exists ? new(file.FullName, file.LastWriteTimeUtc, file.Length) : null;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private string? Digest()
    {
        try
        {
            return Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(_path)));
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private sealed record Stamp(string File, DateTime Written, long Length);
}
