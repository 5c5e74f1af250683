using System.CommandLine;
using System.Globalization;
using ActionStream.Bench.Reporting;

namespace ActionStream.Cli.Commands.Benches;

/// <summary>`bench`: what the engine does beside the best that could be done, measured in the same run.</summary>
internal static class BenchCommand
{
    public static Command Create() =>
        new("bench", "Fixed load; every figure beside its floor, measured in turns in the same run.")
        {
            BenchInference.Create(),
            BenchIngest.Create(),
            BenchPipeline.Create(),
            BenchModels.Create(),
            BenchGpu.Create(),
            BenchGate.Create(),
            BenchSubscriberCommand.Create(),
            BenchCamerasCommand.Create(),
        };

    public static Option<string?> Out() => new("--out") { Description = "Also write a Markdown page, such as bench/results/NAME.md." };

    public static Option<int> Pairs() => AtLeast(1, new("--pairs")
    {
        Description = $"Runs of the floor and of ours, in turns; fewer than {PairedRuns.Enough} are a trial that no threshold judges.",
        DefaultValueFactory = _ => PairedRuns.Enough,
    });

    /// <summary>An option whose value has a lower end.</summary>
    public static Option<int> AtLeast(int least, Option<int> option)
    {
        option.Validators.Add(result =>
        {
            // What is no number at all has been told by the library already.
            if (result.Tokens is [var typed] && int.TryParse(typed.Value, CultureInfo.InvariantCulture, out var number) && number < least)
            {
                result.AddError($"{option.Name} is {number}; expected at least {least}");
            }
        });
        return option;
    }
}
