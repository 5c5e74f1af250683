using System.CommandLine;
using ActionStream.Bench.Pipelines;
using ActionStream.Host;

namespace ActionStream.Cli.Commands.Benches;

/// <summary>`bench witness`: the broker and subscriber that `bench pipeline` starts beside itself. Not for people.</summary>
internal static class BenchWitness
{
    public static Command Create()
    {
        var command = new Command("witness", "Broker and subscriber of `bench pipeline`, which starts it by itself.") { Hidden = true };
        command.SetAction(async (_, cancel) =>
        {
            await Witness.RunAsync(Console.In, Console.Out, cancel);
            return ExitCode.Good;
        });
        return command;
    }
}
