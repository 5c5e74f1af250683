using System.CommandLine;
using ActionStream.Bench.Cameras;
using ActionStream.Host;

namespace ActionStream.Cli.Commands.Benches;

/// <summary>`bench cameras`: the RTSP cameras that `bench ingest --quiet` starts beside itself. Not for people.</summary>
internal static class BenchCamerasCommand
{
    public static Command Create()
    {
        var files = new Argument<string[]>("files")
        {
            Description = "What they play: .h264 or .h265, with access unit delimiters.",
            Arity = ArgumentArity.OneOrMore,
        };
        var command = new Command("cameras", "RTSP cameras of `bench ingest --quiet`, which starts them by itself.") { files };
        command.Hidden = true;
        command.SetAction(async (parsed, cancel) =>
        {
            await RtspCamerasProcess.ServeAsync(parsed.GetRequiredValue(files), Console.In, Console.Out, cancel);
            return ExitCode.Good;
        });
        return command;
    }
}
