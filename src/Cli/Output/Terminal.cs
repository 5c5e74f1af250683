using ActionStream.Core.Configuration;
using Spectre.Console;

namespace ActionStream.Cli.Output;

/// <summary>What people see besides answers: problems, errors, and how far long work is; all of it on standard error.</summary>
internal static class Terminal
{
    public static void WriteProblems(IReadOnlyList<ConfigProblem> problems) =>
        WriteProblems([.. problems.Select(problem => problem.ToString())]);

    /// <param name="problems">A line each.</param>
    public static void WriteProblems(IReadOnlyList<string> problems)
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
            using var timer = new Timer(
                _ => status.Status(Markup.Escape(state())), null, TimeSpan.FromSeconds(0.2), TimeSpan.FromSeconds(0.2));
            return work();
        });
    }
}
