using System.CommandLine;
using ActionStream.Cli.Commands.Benches;
using ActionStream.Host;
using ActionStream.Host.Configuration;
using ActionStream.Host.Output;
using ActionStream.Host.Reload;

namespace ActionStream.Cli.Commands;

/// <summary>`run`: the service, until SIGTERM or Ctrl-C.</summary>
internal static class RunCommand
{
    public static Command Create()
    {
        var config = CommonOptions.Config();
        var command = new Command(
            "run", "The service: cameras in, MQTT and /metrics out, until SIGTERM or Ctrl-C (drains within 10 s). "
                + "Takes on changes of FILE, also on SIGHUP.") { config };
        command.SetAction(parsed => RunAsync(parsed.GetRequiredValue(config)));
        return command;
    }

    private static async Task<int> RunAsync(string path)
    {
        using var signals = new Signals();
        var watch = new ConfigWatch(path, TimeProvider.System);
        Signals.OnHangup(() => watch.Ask("SIGHUP")); // kept until somebody reads: while it starts it is no reason to end
        var loaded = LoadedConfiguration.Load(path);
        var level = new LogSwitch(loaded.Options.Log);
        using var log = LogFactory.Create(level);
        try
        {
            await using var service = await Service.StartAsync(loaded, TimeProvider.System, log, signals.Stop);
            service.Follow(watch, level);
            await service.RunAsync(signals.Stop, signals.Leave);
        }
        catch (OperationCanceledException) when (signals.Stop.IsCancellationRequested && !signals.Leave.IsCancellationRequested)
        {
            // Stopped before it had begun: it did as it was told.
        }

        return ExitCode.Good;
    }
}
