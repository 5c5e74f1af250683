using System.CommandLine;
using System.CommandLine.Invocation;
using ActionStream.Bench.Reporting;
using ActionStream.Cli.Commands;
using ActionStream.Cli.Commands.Benches;
using ActionStream.Cli.Commands.Cameras;
using ActionStream.Cli.Commands.History;
using ActionStream.Cli.Commands.Models;
using ActionStream.Cli.Output;
using ActionStream.Core.Configuration;
using ActionStream.Core.Files;
using ActionStream.Core.Limits;
using ActionStream.Host;
using ActionStream.Host.History;
using ActionStream.Host.Machine;
using ActionStream.Host.Output;
using ActionStream.Host.Web;
using ActionStream.Inference.Onnx;
using ActionStream.Inference.Scoring;
using ActionStream.Inference.Serving;
using ActionStream.Ingest.Sources;
using ActionStream.Publish.Mqtt.Client;

Outputs.Guard();
if (OpenFiles.Limit < FileNeed.Least)
{
    // Before anything else: the next library may be the one that cannot be loaded.
    Terminal.WriteError(
        $"this process may open {OpenFiles.Limit} files, and {FileNeed.Least} are needed to begin with. "
        + "Raise the hard limit (ulimit -Hn 1024)");
    return ExitCode.Wrong;
}

var root = new RootCommand("Real-time action recognition on camera streams: RTSP in, MQTT and Prometheus out.")
{
    DemoCommand.Create(),
    RunCommand.Create(),
    CheckCommand.Create(),
    SchemaCommand.Create(),
    DiscoverCommand.Create(),
    ProbeCommand.Create(),
    ReplayCommand.Create(),
    EvaluateCommand.Create(),
    HistoryCommand.Create(),
    DoctorCommand.Create(),
    BenchCommand.Create(),
    ModelsCommand.Create(),
    VersionCommand.Create(),
    CompletionCommand.Create(),
};

var parsed = root.Parse(args);
try
{
    // A verb ends by its own signals; the library's timeout would cut the draining short.
    var code = await parsed.InvokeAsync(
        new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
    return parsed.Action is ParseErrorAction ? ExitCode.Wrong : code;
}
catch (ConfigException wrong)
{
    Terminal.WriteProblems(wrong.Problems);
    return ExitCode.Wrong;
}
catch (Exception wrong) when (wrong is UsageException or HistoryException or DeviceException or TemporaryFolderException)
{
    Terminal.WriteError(wrong.Message);
    return ExitCode.Wrong;
}
catch (SourceException missing) when (missing.Fault == SourceFault.NoFfmpeg)
{
    Terminal.WriteError(missing.Message);
    return ExitCode.Wrong;
}
catch (Exception hindered) when (hindered is PortTakenException or MqttException or SourceException or ScoringException or BenchException)
{
    Terminal.WriteError(hindered.Message);
    return ExitCode.Failed;
}
catch (ModelHungException hung)
{
    Terminal.WriteError(hung.Message);
    return ProcessExit.Now(ExitCode.Hung); // exit handlers of native libraries would wait for the run
}
catch (OperationCanceledException)
{
    return ExitCode.Failed; // told to leave before there was anything to finish
}
catch (Exception ours)
{
    Terminal.WriteError($"internal error, please report it: {SafeUri.Scrub(ours.ToString())}");
    return ExitCode.Failed;
}
