using System.Text.Json;
using ActionStream.Host;

namespace ActionStream.Evaluation.Judging;

/// <summary>Finds labelled recordings: DIR/LABEL/*, or a manifest that lists them.</summary>
internal static class LabelledVideos
{
    private const string Manifest = "manifest.json";

    /// <summary>What lies beside recordings and is none.</summary>
    private static readonly string[] Texts = [".txt", ".md", ".json", ".yaml", ".yml", ".csv", ".html", ".srt"];

    /// <summary>In the order of the manifest, or of the names.</summary>
    /// <exception cref="UsageException">Nothing there, or not as expected.</exception>
    public static IReadOnlyList<LabelledVideo> Load(string path)
    {
        var clips = File.Exists(path) ? ReadManifest(path)
            : !Directory.Exists(path)
                ? throw new UsageException($"{path} does not exist; expected a folder with a folder for each label, or a manifest")
            : File.Exists(Path.Combine(path, Manifest)) ? ReadManifest(Path.Combine(path, Manifest))
            : ReadFolders(path);
        return clips.Count > 0 ? clips : throw new UsageException($"{path} holds no clips; "
            + $"expected {Path.Combine(path, "LABEL", "*.mp4")}, or {Manifest} with {{\"clips\": [{{\"file\", \"label\"}}]}}");
    }

    private static List<LabelledVideo> ReadFolders(string path) =>
    [
        .. from folder in Directory.EnumerateDirectories(path).Order(StringComparer.Ordinal)
           let label = Path.GetFileName(folder)
           from file in Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal)
           let name = Path.GetFileName(file)
           where !name.StartsWith('.') && !Texts.Contains(Path.GetExtension(name).ToLowerInvariant())
           select new LabelledVideo($"{label}/{name}", file, label, []),
    ];

    private static List<LabelledVideo> ReadManifest(string path)
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
