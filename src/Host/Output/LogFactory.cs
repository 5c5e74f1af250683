using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace ActionStream.Host.Output;

/// <summary>Log lines for people, on standard error.</summary>
internal static class LogFactory
{
    public static ILoggerFactory Create(LogLevel level) => Create(new LogSwitch(level));

    /// <summary>The same, with a level that can change.</summary>
    public static ILoggerFactory Create(LogSwitch level) => LoggerFactory.Create(log => log
        .SetMinimumLevel(LogLevel.Trace)
        .AddFilter(level.IsOn)
        .AddConsole(console =>
        {
            console.FormatterName = LogLine.Format;
            console.LogToStandardErrorThreshold = LogLevel.Trace;
            console.MaxQueueLength = 2048;
            console.QueueFullMode = ConsoleLoggerQueueFullMode.DropWrite; // a terminal that hangs must not hang cameras
        })
        .AddConsoleFormatter<LogLine, ConsoleFormatterOptions>());
}
