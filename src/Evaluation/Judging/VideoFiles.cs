namespace ActionStream.Evaluation.Judging;

/// <summary>Tells recordings from what lies beside them in people's folders: posters, notes, unfinished copies, what systems
/// leave. None of it is a wrong answer of the model.</summary>
internal static class VideoFiles
{
    private static readonly Dictionary<string, string> Kinds = Table(
        ("a picture", "jpg jpeg jpe png gif webp bmp tif tiff svg heic heif avif ico psd raw dng"),
        ("unfinished", "part partial crdownload download tmp temp filepart aria2 !qb !ut opdownload"),
        ("sound", "wav mp3 flac m4a aac opus oga wma aiff"),
        ("a text", "txt md json jsonl yaml yml csv tsv html htm xml srt vtt ass sub nfo log pdf doc docx rtf ini cfg toml bib"),
        ("of the system", "db ini lnk url ds_store"),
        ("an archive", "zip tar gz tgz bz2 xz 7z rar zst"),
        ("data", "npy npz pt pth onnx safetensors pkl h5 hdf5 mat parquet sqlite sqlite3 bin py ipynb sh exe torrent md5 sha256"));

    private static readonly HashSet<string> SystemFolders = new(StringComparer.OrdinalIgnoreCase)
    {
        "@eaDir", "__MACOSX", "#recycle", "$RECYCLE.BIN", "System Volume Information", "lost+found", "__pycache__",
    };

    /// <summary>What a file is instead of a recording, by its name; null if it may be one. What it really holds shows when it is
    /// played.</summary>
    public static string? WhatElse(string path)
    {
        var name = Path.GetFileName(path);
        if (IsOfSystem(name))
        {
            return "of the system";
        }

        var extension = Path.GetExtension(name).TrimStart('.');
        return extension.Length == 0
            ? BeginsLikeVideo(path) ? null : "a file without an ending that does not begin like a video"
            : Kinds.GetValueOrDefault(extension);
    }

    /// <summary>True for files and folders that people neither made nor see.</summary>
    public static bool IsOfSystem(string name) =>
        name.StartsWith('.') || SystemFolders.Contains(name) || name.Equals("Thumbs.db", StringComparison.OrdinalIgnoreCase)
        || name.Equals("desktop.ini", StringComparison.OrdinalIgnoreCase);

    private static bool BeginsLikeVideo(string path)
    {
        Span<byte> head = stackalloc byte[12];
        using var file = File.OpenRead(path);
        head = head[..file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)];
        return head is [_, _, _, _, (byte)'f', (byte)'t', (byte)'y', (byte)'p', ..]                                     // MP4, MOV
            or [0x1A, 0x45, 0xDF, 0xA3, ..]                                                                             // Matroska, WebM
            or [(byte)'R', (byte)'I', (byte)'F', (byte)'F', _, _, _, _, (byte)'A', (byte)'V', (byte)'I', ..]
            or [(byte)'F', (byte)'L', (byte)'V', ..] or [0x47, ..] or [0, 0, 1, 0xBA or 0xB3, ..] or [0, 0, 0, 1, ..];  // MPEG, raw
    }

    private static Dictionary<string, string> Table(params ReadOnlySpan<(string Kind, string Endings)> rows)
    {
        var table = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (kind, endings) in rows)
        {
            foreach (var ending in endings.Split(' '))
            {
                table.TryAdd(ending, kind);
            }
        }

        return table;
    }
}
