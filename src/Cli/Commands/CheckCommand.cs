using System.CommandLine;
using ActionStream.Cli.Output;
using ActionStream.Host;
using ActionStream.Host.Configuration;
using ActionStream.Host.Machine;
using ActionStream.Host.Output;

namespace ActionStream.Cli.Commands;

/// <summary>`check`: everything wrong with a configuration, without starting anything.</summary>
internal static class CheckCommand
{
    public static Command Create()
    {
        var config = CommonOptions.Config();
        var json = CommonOptions.Json();
        var elsewhere = new Option<bool>("--elsewhere")
        {
            Description = "It will run on another machine: look at the files alone, not for ffmpeg and limits here.",
        };
        var command = new Command("check", "Every problem of a configuration at once, with file and line; and whether it can run here.")
        {
            config, elsewhere, json,
        };
        command.SetAction(parsed => Run(parsed.GetRequiredValue(config), parsed.GetValue(elsewhere), parsed.GetValue(json)));
        return command;
    }

    private static int Run(string path, bool elsewhere, bool json)
    {
        var problems = LoadedConfiguration.Check(path);
        var options = ConfigFile.TryLoad(path).Options;
        var machine = options is null || elsewhere ? new([], []) : MachineCheck.Of(options);
        string[] notes = [.. options?.Notes() ?? [], .. machine.Notes];
        if (json)
        {
            AnswerJson.Write(new
            {
                Problems = problems.Select(problem => new { problem.Path, problem.Line, problem.Message, File = (string?)problem.File })
                    .Concat(machine.Problems.Select(problem =>
                        new { Path = problem.Part, Line = 0, problem.Message, File = (string?)null })),
                Notes = notes,
            });
        }
        else if (problems.Count + machine.Problems.Count > 0)
        {
            Terminal.WriteProblems([.. problems.Select(problem => problem.ToString()), .. machine.Problems.Select(OfMachine)]);
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

        return problems.Count + machine.Problems.Count == 0 ? ExitCode.Good : ExitCode.Wrong;
    }

    private static string OfMachine(MachineProblem problem) => $"this machine: {problem.Message} (check --elsewhere does not ask for it)";
}
