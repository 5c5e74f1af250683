using System.Globalization;
using ActionStream.Core.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace ActionStream.Host.Output;

/// <summary>One line per log entry: when, how grave, what. The last place where a password could
/// slip out, so all text is scrubbed.</summary>
internal sealed class LogLine() : ConsoleFormatter(Format)
{
    public const string Format = "line";

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var now = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        var text = SafeUri.Scrub(logEntry.Formatter(logEntry.State, logEntry.Exception)).ReplaceLineEndings(" | ");
        textWriter.Write($"{now} {Word(logEntry.LogLevel)} {text}");
        if (logEntry.Exception is { } exception)
        {
            // What was expected to go wrong has its message; only what was not shows where it came from.
            textWriter.Write($" | {SafeUri.Scrub(exception.ToString()).ReplaceLineEndings(" | ")}");
        }

        textWriter.WriteLine();
    }

    private static string Word(LogLevel level) => level switch
    {
        LogLevel.Trace => "trace",
        LogLevel.Debug => "debug",
        LogLevel.Information => "info ",
        LogLevel.Warning => "WARN ",
        _ => "ERROR",
    };
}
