using System.Text.RegularExpressions;
using ActionStream.Core.Results;

namespace ActionStream.Publish.Media;

/// <summary>A folder of snapshots and clips that never outgrows its bounds: the oldest go first, by age and by bytes.</summary>
/// <remarks>Only files with names of our making are counted, served or removed, whatever else lies there. Thread-safe.</remarks>
public sealed partial class MediaStore
{
    private const string Part = ".part";

    private readonly Lock _lock = new();
    private readonly string _folder;
    private readonly TimeSpan _keep;
    private readonly long _most;
    private readonly LinkedList<Stored> _files = new();
    private readonly Dictionary<string, LinkedListNode<Stored>> _byName = new(StringComparer.Ordinal);

    /// <exception cref="IOException">The folder cannot be made.</exception>
    public MediaStore(string folder, TimeSpan keep, long most)
    {
        (_folder, _keep, _most) = (Path.GetFullPath(folder), keep, most);
        Directory.CreateDirectory(_folder);
        foreach (var file in Found(Part).ToList())
        {
            File.Delete(Path.Combine(_folder, file.Name + Part)); // a former life died while it wrote them
        }

        foreach (var file in Found("").OrderBy(file => file.At))
        {
            Add(file);
        }
    }

    /// <summary>Bytes of all snapshots.</summary>
    public long Bytes { get; private set; }

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _files.Count;
            }
        }
    }

    /// <summary>Keeps a snapshot under this name, in place of what was there. What it needs room for goes.</summary>
    public void Save(string camera, string file, ReadOnlySpan<byte> bytes, DateTimeOffset now)
    {
        lock (_lock)
        {
            var part = PartOf(camera, file);
            File.WriteAllBytes(part, bytes);
            Adopt(camera, file, now);
        }
    }

    /// <summary>Where to write what is too large to hold in memory; <see cref="Adopt"/> takes it from there.</summary>
    public string PartOf(string camera, string file)
    {
        var part = Path.Combine(_folder, Named(camera, file) + Part);
        Directory.CreateDirectory(Path.GetDirectoryName(part)!);
        return part;
    }

    /// <summary>Keeps what was written to <see cref="PartOf"/>.</summary>
    public void Adopt(string camera, string file, DateTimeOffset now)
    {
        var name = Named(camera, file);
        lock (_lock)
        {
            var path = Path.Combine(_folder, name);
            File.Move(path + Part, path, overwrite: true); // readers see the old one or the new one
            File.SetLastWriteTimeUtc(path, now.UtcDateTime);
            Forget(name);
            Add(new(name, new FileInfo(path).Length, now));
            Trim(now);
        }
    }

    /// <summary>The file's path; null if there is no such snapshot, or the name is none of ours.</summary>
    public string? Find(string camera, string file)
    {
        lock (_lock)
        {
            return NameOf(camera, file) is { } name && _byName.ContainsKey(name) ? Path.Combine(_folder, name) : null;
        }
    }

    /// <summary>Removes what is too old, and the oldest of what is too much.</summary>
    public void Trim(DateTimeOffset now)
    {
        lock (_lock)
        {
            while (_files.First is { } oldest && (now - oldest.Value.At > _keep || (Bytes > _most && _files.Count > 1)))
            {
                File.Delete(Path.Combine(_folder, oldest.Value.Name)); // gone already is as good
                Forget(oldest.Value.Name);
            }
        }
    }

    private static string Named(string camera, string file) =>
        NameOf(camera, file) ?? throw new ArgumentException($"{camera}/{file} is no name of a snapshot", nameof(file));

    private IEnumerable<Stored> Found(string ending) =>
        from folder in Directory.EnumerateDirectories(_folder)
        from path in Directory.EnumerateFiles(folder)
        where path.EndsWith(ending, StringComparison.Ordinal)
        let name = NameOf(Path.GetFileName(folder), Path.GetFileName(path[..^ending.Length]))
        where name is not null
        let file = new FileInfo(path)
        select new Stored(name, file.Length, file.LastWriteTimeUtc);

    private void Add(Stored file)
    {
        _byName[file.Name] = _files.AddLast(file);
        Bytes += file.Bytes;
    }

    private void Forget(string name)
    {
        if (_byName.Remove(name, out var node))
        {
            _files.Remove(node);
            Bytes -= node.Value.Bytes;
        }
    }

    private static string? NameOf(string camera, string file) =>
        Slug.IsSlug(camera) && OurName().IsMatch(file) ? $"{camera}/{file}" : null;

    [GeneratedRegex(@"^[a-z0-9_-]+-\d{8}T\d{6}\.\d{3}Z-[0-9a-f]{4}((-frames)?\.jpg|\.mp4)\z")]
    private static partial Regex OurName();

    private sealed record Stored(string Name, long Bytes, DateTimeOffset At);
}
