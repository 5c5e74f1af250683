using System.CommandLine;
using ActionStream.Cli.Output;
using ActionStream.Host;
using ActionStream.Host.Configuration;
using ActionStream.Host.Output;

namespace ActionStream.Cli.Commands;

/// <summary>`check`: everything wrong with a configuration, without starting anything.</summary>
internal static class CheckCommand
{
    public static Command Create()
    {
        var config = CommonOptions.Config();
        var json = CommonOptions.Json();
        var command = new Command("check", "Every problem of a configuration at once, with file and line.") { config, json };
        command.SetAction(parsed => Run(parsed.GetRequiredValue(config), parsed.GetValue(json)));
        return command;
    }

    private static int Run(string path, bool json)
    {
        var problems = LoadedConfiguration.Check(path);
        string[] notes = [.. ConfigFile.TryLoad(path).Options?.Notes() ?? []];
        if (json)
        {
            AnswerJson.Write(new
            {
                Problems = problems.Select(problem => new { problem.Path, problem.Line, problem.Message, problem.File }),
                Notes = notes,
            });
        }
        else if (problems.Count > 0)
        {
            Terminal.WriteProblems(problems);
        }
        else
        {
            Console.WriteLine($"{path}: no problems");
        }

        if (!json)
        {
            foreach (var note in notes)
            {
                Console.WriteLine($"note: {note}");
            }
        }

        return problems.Count == 0 ? ExitCode.Good : ExitCode.Wrong;
    }
}
