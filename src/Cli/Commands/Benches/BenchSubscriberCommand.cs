using System.CommandLine;
using ActionStream.Bench.Pipelines;
using ActionStream.Host;

namespace ActionStream.Cli.Commands.Benches;

/// <summary>`bench subscriber`: the broker and subscriber that `bench pipeline` starts beside itself. Not for people.</summary>
internal static class BenchSubscriberCommand
{
    public static Command Create()
    {
        var command = new Command("subscriber", "Broker and subscriber of `bench pipeline`, which starts it by itself.") { Hidden = true };
        command.SetAction(async (_, cancel) =>
        {
            await BenchSubscriber.RunAsync(Console.In, Console.Out, cancel);
            return ExitCode.Good;
        });
        return command;
    }
}
