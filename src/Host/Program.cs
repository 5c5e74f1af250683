using System.CommandLine;
using System.CommandLine.Invocation;
using ActionStream.Core.Configuration;
using ActionStream.Host;
using ActionStream.Host.Commands;
using ActionStream.Host.Http;
using ActionStream.Host.Output;

var root = new RootCommand("Real-time action recognition on camera streams: RTSP in, MQTT and Prometheus out.")
{
    DemoCommand.Create(),
    RunCommand.Create(),
    CheckCommand.Create(),
    DoctorCommand.Create(),
    ModelsCommand.Create(),
    VersionCommand.Create(),
};

var parsed = root.Parse(args);
try
{
    // A verb ends by its own signals; the library's timeout would cut the draining short.
    var code = await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
    return parsed.Action is ParseErrorAction ? ExitCode.Wrong : code;
}
catch (ConfigException wrong)
{
    Terminal.WriteProblems(wrong.Problems);
    return ExitCode.Wrong;
}
catch (Exception wrong) when (wrong is UsageException)
{
    Terminal.WriteError(wrong.Message);
    return ExitCode.Wrong;
}
catch (PortTakenException taken)
{
    Terminal.WriteError(taken.Message);
    return ExitCode.Failed;
}
