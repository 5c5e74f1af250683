using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using ActionStream.Core.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Spectre.Console;

namespace ActionStream.Host.Output;

/// <summary>What goes where: answers on standard output, everything else on standard error.</summary>
internal static class Terminal
{
    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals, // an answer that is not a number is to be seen, and not to cost all others
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    /// <summary>One JSON document on standard output. Dictionary keys stay as they are.</summary>
    public static void WriteJson(object answer) => Console.Out.WriteLine(JsonSerializer.Serialize(answer, Json));

    /// <summary>The same, to be put together with others.</summary>
    public static JsonNode? ToNode(object answer) => JsonSerializer.SerializeToNode(answer, Json);

    public static void WriteProblems(IReadOnlyList<ConfigProblem> problems)
    {
        foreach (var problem in problems)
        {
            Console.Error.WriteLine(problem);
        }

        Console.Error.WriteLine(problems.Count == 1 ? "1 problem" : $"{problems.Count} problems");
    }

    public static void WriteError(string message) => Console.Error.WriteLine($"actionstream: {message}");

    /// <summary>Long work, with a line that says how far it is: on a terminal, and only there.</summary>
    public static T Watched<T>(bool json, Func<string> state, Func<T> work)
    {
        if (json || !AnsiConsole.Profile.Capabilities.Interactive || Console.IsOutputRedirected)
        {
            return work();
        }

        return AnsiConsole.Status().Start("starting", status =>
        {
            using var timer = new Timer(_ => status.Status(Markup.Escape(state())), null, TimeSpan.FromSeconds(0.2), TimeSpan.FromSeconds(0.2));
            return work();
        });
    }

    /// <summary>Log lines for people, on standard error.</summary>
    public static ILoggerFactory CreateLog(LogLevel level) => CreateLog(new LogSwitch(level));

    /// <summary>The same, with a level that can change.</summary>
    public static ILoggerFactory CreateLog(LogSwitch level) => LoggerFactory.Create(log => log
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
