using System.Text;
using FFMpegCore;

namespace ActionStream.Ingest.Ffmpeg;

/// <summary>What ffmpeg is asked to do, as words; FFMpegCore turns them into its command line.</summary>
/// <param name="Before">Global and input options.</param>
/// <param name="Input">What comes after -i. May hold a password.</param>
/// <param name="After">Output options, without the output, which is always standard output.</param>
public sealed record FfmpegCommand(IReadOnlyList<string> Before, string Input, IReadOnlyList<string> After)
{
    /// <summary>What it reads on its standard input; null for nothing. May hold a password.</summary>
    public string? Script { get; init; }

    /// <summary>Its standard input stays open for <see cref="IFfmpegChild.Input"/>.</summary>
    public bool TakesInput { get; init; }

    /// <summary>The proxy by which it reaches HTTP, whatever opens it: also redirects and playlists; null for the
    /// machine's own way.</summary>
    public string? HttpProxy { get; init; }

    /// <summary>The command line as .NET takes it apart again: one quoted word after the other.</summary>
    internal string Line => FFMpegArguments
        .FromFileInput(Escape(Input), verifyExists: false, options => options.WithCustomArgument(Quote(["-nostdin", .. Before])))
        .OutputToUrl("pipe:1", options => options.WithCustomArgument(Quote(After)))
        .Arguments;

    /// <summary>Words as one line that .NET splits into the same words.</summary>
    internal static string Quote(IEnumerable<string> words) => string.Join(' ', words.Select(word => $"\"{Escape(word)}\""));

    // Backslashes count only before a quote, and there twice.
    private static string Escape(string word)
    {
        var text = new StringBuilder(word.Length + 8);
        var backslashes = 0;
        foreach (var letter in word)
        {
            text.Append('\\', letter == '"' ? backslashes + 1 : 0).Append(letter);
            backslashes = letter == '\\' ? backslashes + 1 : 0;
        }

        return text.Append('\\', backslashes).ToString();
    }
}
