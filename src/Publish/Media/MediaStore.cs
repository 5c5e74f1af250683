using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using ActionStream.Core.Results;

namespace ActionStream.Publish.Media;

/// <summary>A folder of snapshots and clips that never outgrows its bounds: the oldest go first, by age and by bytes.</summary>
/// <remarks>
/// Only files with names of our making are counted, served or removed, whatever else lies there, and links are none of them.
/// A folder that cannot be written is a <see cref="Problem"/>, not a reason to stop, and a file that cannot be removed keeps none
/// that is younger. Thread-safe; who asks for problems waits for no disk.
/// </remarks>
public sealed partial class MediaStore
{
    private const string Part = ".part";

    /// <summary>Stands among the cameras for the folder of them all.</summary>
    private const string All = "";

    private readonly Lock _lock = new();
    private readonly string _folder;
    private readonly TimeSpan _keep;
    private readonly long _most;
    private readonly LinkedList<Stored> _files = new();
    private readonly Dictionary<string, LinkedListNode<Stored>> _byName = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _problems = new(StringComparer.Ordinal); // by camera
    private volatile string? _unremovable;

    public MediaStore(string folder, TimeSpan keep, long most)
    {
        (_folder, _keep, _most) = (Path.GetFullPath(folder), keep, most);
        try
        {
            Directory.CreateDirectory(_folder);
            foreach (var file in Found("").OrderBy(file => file.At).ToList())
            {
                Add(file);
            }

            foreach (var file in Found(Part).ToList())
            {
                File.Delete(Path.Combine(_folder, file.Name + Part)); // a former life died while it wrote them
            }
        }
        catch (Exception failed) when (IsOfDisk(failed))
        {
            _problems[All] = failed.Message;
        }
    }

    /// <summary>Why something can be neither written nor removed at present; null while all is well.</summary>
    public string? Problem => _problems.Select(of => of.Value).FirstOrDefault() ?? _unremovable;

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
            try
            {
                using var written = new FileStream(part, FileMode.CreateNew, FileAccess.Write);
                written.Write(bytes);
            }
            catch (Exception failed) when (IsOfDisk(failed))
            {
                Note(camera, failed);
                TryDelete(part); // what there was room for
                throw;
            }

            Adopt(camera, file, now);
        }
    }

    /// <summary>Where to write what is too large to hold in memory; <see cref="Adopt"/> takes it from there.</summary>
    public string PartOf(string camera, string file)
    {
        var part = Path.Combine(_folder, Named(camera, file) + Part);
        Noting(camera, () =>
        {
            var folder = Directory.CreateDirectory(Path.GetDirectoryName(part)!);
            if (folder.LinkTarget is not null)
            {
                throw new UnauthorizedAccessException($"{folder.FullName} is a link; links are not followed");
            }

            File.Delete(part); // whatever it is, it is written anew and not through
        });
        return part;
    }

    /// <summary>Keeps what was written to <see cref="PartOf"/>.</summary>
    public void Adopt(string camera, string file, DateTimeOffset now)
    {
        var name = Named(camera, file);
        lock (_lock)
        {
            Noting(camera, () =>
            {
                var path = Path.Combine(_folder, name);
                File.Move(path + Part, path, overwrite: true); // readers see the old one or the new one
                File.SetLastWriteTimeUtc(path, now.UtcDateTime);
                Forget(name);
                Add(new(name, new FileInfo(path).Length, now));
            });
            _problems.TryRemove(All, out _);
            _problems.TryRemove(camera, out _);
            Trim(now, isThorough: false);
        }
    }

    /// <summary>Why nothing of this camera can be written at present; null as far as is known.</summary>
    public string? ProblemOf(string camera) => _problems.GetValueOrDefault(All) ?? _problems.GetValueOrDefault(camera);

    /// <summary>The camera is gone, and its problem with it.</summary>
    public void Dismiss(string camera) => _problems.TryRemove(camera, out _);

    /// <summary>Opens the file; null if there is no such snapshot, or the name is none of ours.</summary>
    public FileStream? Open(string camera, string file)
    {
        lock (_lock)
        {
            return NameOf(camera, file) is { } name && _byName.ContainsKey(name) ? OpenItself(name) : null;
        }
    }

    /// <summary>Removes what is too old, and the oldest of what is too much.</summary>
    /// <returns>Why some of it is still there; null if none is.</returns>
    public string? Trim(DateTimeOffset now)
    {
        lock (_lock)
        {
            return Trim(now, isThorough: true);
        }
    }

    private static bool IsOfDisk(Exception failed) => failed is IOException or UnauthorizedAccessException;

    // There may be thousands that somebody else owns: each is tried again only now and then.
    private string? Trim(DateTimeOffset now, bool isThorough)
    {
        var problem = isThorough ? null : _unremovable;
        for (var node = _files.First; node is { Value: var file } && (now - file.At > _keep || (Bytes > _most && node.Next is not null));)
        {
            var next = node.Next;
            if (isThorough || !file.IsStuck)
            {
                if (TryDelete(Path.Combine(_folder, file.Name)) is { } failed) // gone already is as good
                {
                    (file.IsStuck, problem) = (true, problem ?? failed.Message);
                }
                else
                {
                    Forget(file.Name);
                }
            }

            node = next;
        }

        return _unremovable = problem;
    }

    private static Exception? TryDelete(string path)
    {
        try
        {
            File.Delete(path);
            return null;
        }
        catch (DirectoryNotFoundException)
        {
            return null; // and so it is gone
        }
        catch (Exception failed) when (IsOfDisk(failed))
        {
            return failed;
        }
    }

    private static string Named(string camera, string file) =>
        NameOf(camera, file) ?? throw new ArgumentException($"{camera}/{file} is no name of a snapshot", nameof(file));

    private void Noting(string camera, Action change)
    {
        try
        {
            change();
        }
        catch (Exception failed) when (IsOfDisk(failed))
        {
            Note(camera, failed);
            throw;
        }
    }

    // What is forbidden may be so in one camera's folder; a disk that is full or read-only is everybody's.
    private void Note(string camera, Exception failed) =>
        _problems[failed is UnauthorizedAccessException ? camera : All] = failed.Message;

    // Somebody may have put a link in its place, or in that of its folder: what was opened says where it really lies.
    private FileStream? OpenItself(string name)
    {
        FileStream? file = null;
        try
        {
            file = new(Path.Combine(_folder, name), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var opened = File.ResolveLinkTarget($"/proc/self/fd/{file.SafeFileHandle.DangerousGetHandle()}", returnFinalTarget: false);
            if (opened?.FullName.EndsWith($"/{name}", StringComparison.Ordinal) != false)
            {
                return file;
            }
        }
        catch (Exception gone) when (IsOfDisk(gone))
        {
            // Removed by hand, or never ours to read.
        }

        file?.Dispose();
        return null;
    }

    private IEnumerable<Stored> Found(string ending) =>
        from folder in new DirectoryInfo(_folder).EnumerateDirectories()
        where folder.LinkTarget is null
        from file in folder.EnumerateFiles()
        where file.LinkTarget is null && file.Name.EndsWith(ending, StringComparison.Ordinal)
        let name = NameOf(folder.Name, file.Name[..^ending.Length])
        where name is not null
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

    private sealed record Stored(string Name, long Bytes, DateTimeOffset At)
    {
        /// <summary>True if it could not be removed when its time had come.</summary>
        public bool IsStuck { get; set; }
    }
}
