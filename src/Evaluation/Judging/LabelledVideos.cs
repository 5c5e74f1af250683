using System.Text.Json;
using ActionStream.Host;

namespace ActionStream.Evaluation.Judging;

/// <summary>Finds labelled recordings: DIR/LABEL/**, the top folder being the label, or a manifest that lists them.</summary>
/// <param name="Videos">In the order of the manifest, or of the names.</param>
/// <param name="Others">What lies there and is no recording, or has no label.</param>
internal sealed record LabelledVideos(IReadOnlyList<LabelledVideo> Videos, IReadOnlyList<NoVideo> Others)
{
    private const string Manifest = "manifest.json";
    private const int Deepest = 16;

    /// <exception cref="UsageException">Nothing there, or not as expected.</exception>
    public static LabelledVideos Load(string path)
    {
        var found = File.Exists(path) ? ReadManifest(path)
            : !Directory.Exists(path)
                ? throw new UsageException($"{path} does not exist; expected a folder with a folder for each label, or a manifest")
            : File.Exists(Path.Combine(path, Manifest)) ? ReadManifest(Path.Combine(path, Manifest))
            : ReadFolders(path);
        return found.Videos.Count > 0 ? found : throw new UsageException($"{path} holds no clips; "
            + $"expected {Path.Combine(path, "LABEL", "*.mp4")}, or {Manifest} with {{\"clips\": [{{\"file\", \"label\"}}]}}"
            + (found.Others.Count == 0 ? "" : $". What is there: {string.Join("; ", NoVideo.Summed(found.Others))}"));
    }

    private static LabelledVideos ReadFolders(string path)
    {
        try
        {
            var others = Files(path).Where(file => Path.GetFileName(file) != Manifest).Select(file => new NoVideo(
                Path.GetFileName(file), VideoFiles.WhatElse(file) ?? "without a label, since it lies in no label's folder")).ToList();
            var videos = new List<LabelledVideo>();
            foreach (var folder in Folders(path))
            {
                var label = Path.GetFileName(folder);
                foreach (var file in Walk(folder, [], 0))
                {
                    var name = Path.GetRelativePath(path, file).Replace(Path.DirectorySeparatorChar, '/');
                    if (VideoFiles.WhatElse(file) is { } what)
                    {
                        others.Add(new(name, what));
                    }
                    else
                    {
                        videos.Add(new(name, file, label, []));
                    }
                }
            }

            return new(videos, others);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{path} cannot be read: {unreadable.Message}");
        }
    }

    // A link to a folder is followed, once: it may lead back to where it lies.
    private static IEnumerable<string> Walk(string folder, HashSet<string> seen, int depth)
    {
        var real = new DirectoryInfo(folder).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? Path.GetFullPath(folder);
        if (depth > Deepest || !seen.Add(real))
        {
            return [];
        }

        return Files(folder).Concat(Folders(folder).SelectMany(inner => Walk(inner, seen, depth + 1)));
    }

    private static IEnumerable<string> Files(string folder) => Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal);

    private static IEnumerable<string> Folders(string folder) => Directory.EnumerateDirectories(folder)
        .Where(inner => !VideoFiles.IsOfSystem(Path.GetFileName(inner))).Order(StringComparer.Ordinal);

    private static LabelledVideos ReadManifest(string path) => new(ReadList(path), []);

    private static List<LabelledVideo> ReadList(string path)
    {
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(path));
            var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
            return json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("clips", out var clips)
                && clips.ValueKind == JsonValueKind.Array
                ? [.. clips.EnumerateArray().Select((clip, i) => Read(clip, $"{path}: clips[{i}]", folder))]
                : throw new UsageException($"{path} has no list \"clips\"; expected {{\"clips\": [{{\"file\": …, \"label\": …}}]}}");
        }
        catch (JsonException broken)
        {
            throw new UsageException(
                $"{path} is not JSON (line {broken.LineNumber + 1}); expected {{\"clips\": [{{\"file\": …, \"label\": …}}]}}");
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{path} cannot be read: {unreadable.Message}");
        }
    }

    private static LabelledVideo Read(JsonElement clip, string where, string folder)
    {
        var (file, label) = (Text(clip, "file", where), Text(clip, "label", where));

        // What somebody read from the frames is nearer to them than what the data set's notes say.
        var observed = Segments(clip, "observed_segments", where);
        var noted = Segments(clip, "segments", where);
        return new(
            file, Path.Combine(folder, file), label,
            observed.Any(segment => segment.Label == label) ? observed : noted.Count > 0 ? noted : observed);
    }

    private static List<Segment> Segments(JsonElement clip, string name, string where) =>
        !clip.TryGetProperty(name, out var list) || list.ValueKind == JsonValueKind.Null ? []
        : list.ValueKind != JsonValueKind.Array
            ? throw new UsageException($"{where}.{name} is {Short(list)}; expected a list of {{\"label\", \"start\", \"end\"}}")
        : [.. list.EnumerateArray().Select((segment, i) => ReadSegment(segment, $"{where}.{name}[{i}]"))];

    private static Segment ReadSegment(JsonElement segment, string where)
    {
        var read = new Segment(Text(segment, "label", where), Number(segment, "start", where), Number(segment, "end", where));
        return read.End >= read.Start ? read : throw new UsageException($"{where} ends before it starts");
    }

    private static string Text(JsonElement of, string name, string where) =>
        of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
        && value.GetString() is { Length: > 0 } text
            ? text
            : throw new UsageException($"{where} is {Short(of)}; expected \"{name}\": a text");

    private static double Number(JsonElement of, string name, string where) =>
        of.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number
            ? value.GetDouble()
            : throw new UsageException($"{where} is {Short(of)}; expected \"{name}\": seconds");

    private static string Short(JsonElement value) =>
        value.GetRawText() is { Length: > 60 } text ? text[..60].ReplaceLineEndings(" ") + " …" : value.GetRawText();
}
