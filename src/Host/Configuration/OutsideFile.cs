using System.Buffers;
using System.Text;

namespace ActionStream.Host.Configuration;

/// <summary>Reads a secret from a file that somebody named: one line, of a size that secrets have, and no device or pipe that
/// never ends.</summary>
internal static class OutsideFile
{
    public const int MostBytes = 64 * 1024;

    private static readonly SearchValues<char> Control =
        SearchValues.Create([.. Enumerable.Range(0, 32).Select(code => (char)code).Where(letter => letter != '\t'), '\x7f']);

    /// <summary>Its text without the newline that editors put at the end; or why it cannot be used, without a word of what is
    /// in it.</summary>
    public static (string? Text, string? Problem) Read(string path)
    {
        try
        {
            if (Directory.Exists(path))
            {
                return (null, "is a folder; expected a file");
            }

            // Looked at before it is opened, because to open a pipe waits for its writer. Only regular files have a length.
            if (File.Exists(path) && Length(path) == 0)
            {
                return (null, "is empty, or a device, pipe or socket; expected a regular file with one line");
            }

            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            var bytes = new byte[MostBytes + 1];
            var length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            if (length > MostBytes)
            {
                return (null, $"is larger than {MostBytes / 1024} kB; expected one line");
            }

            var text = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true)
                .GetString(bytes, 0, length).TrimStart('\uFEFF').TrimEnd('\r', '\n');
            return text.AsSpan().ContainsAny(Control)
                ? (null, "has more than one line, or holds no text; expected one line")
                : (text, null);
        }
        catch (DecoderFallbackException)
        {
            return (null, "holds no text; expected one line of UTF-8");
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            return (null, "does not exist; create it");
        }
        catch (UnauthorizedAccessException)
        {
            return (null, "may not be read by this user; check its rights");
        }
        catch (Exception unreadable) when (unreadable is IOException or ArgumentException or NotSupportedException)
        {
            return (null, $"cannot be read ({unreadable.GetType().Name})");
        }
    }

    // Links are followed: Kubernetes and Docker mount secrets as links.
    private static long Length(string path)
    {
        var file = new FileInfo(path);
        return file.LinkTarget is null ? file.Length : ((FileInfo?)file.ResolveLinkTarget(returnFinalTarget: true) ?? file).Length;
    }
}
