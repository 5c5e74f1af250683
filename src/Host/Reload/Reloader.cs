using ActionStream.Core.Configuration;
using ActionStream.Host.Cameras;
using ActionStream.Host.Configuration;
using ActionStream.Host.Output;
using ActionStream.Host.Web;
using Microsoft.Extensions.Logging;

namespace ActionStream.Host.Reload;

/// <summary>Takes on what has changed in the configuration file, camera by camera. A file with problems changes nothing.</summary>
/// <param name="running">What runs now.</param>
/// <param name="objection">Why these cameras cannot run on this machine; null if they can.</param>
internal sealed partial class Reloader(
    ConfigWatch watch, LoadedConfiguration running, CameraSet cameras, Func<LoadedConfiguration, string?> objection, LogSwitch log,
    ReloadMeter meter, Health health, ILogger<Reloader> logger)
{
    /// <summary>What runs: of a new file the parts that can change, of the first one the rest.</summary>
    public LoadedConfiguration Running { get; private set; } = running;

    public async Task RunAsync(CancellationToken stop)
    {
        var watching = watch.RunAsync(stop);
        await foreach (var reason in watch.ReadAllAsync(stop))
        {
            LogReading(watch.Path, reason);
            watch.Note();
            await ReloadAsync();
        }

        await watching;
    }

    internal async Task ReloadAsync()
    {
        try
        {
            var wanted = LoadedConfiguration.Load(watch.Path, running: Running);
            if (objection(wanted) is { } problem)
            {
                throw new ConfigException([new(watch.Path, 0, "cameras", problem)]);
            }

            await ApplyAsync(wanted);
        }
        catch (ConfigException bad)
        {
            meter.Failed();
            health.ConfigurationFailed(bad.Problems.Count);
            foreach (var problem in bad.Problems)
            {
                LogProblem(problem.ToString());
            }

            LogRefused(watch.Path, bad.Problems.Count);
        }
    }

    private async Task ApplyAsync(LoadedConfiguration wanted)
    {
        var changes = CameraChanges.Between(Running.Options.Cameras, wanted.Options.Cameras);
        var waiting = Fixed(Running, wanted);
        await cameras.ApplyAsync(changes);
        log.Level = wanted.Options.Log;
        Running = Running with { Options = Running.Options with { Cameras = wanted.Options.Cameras, Log = wanted.Options.Log } };
        meter.Succeeded();
        health.ConfigurationTaken(waiting);
        LogTaken(changes.IsNone ? "no camera is touched" : changes.ToString());
        if (waiting.Count > 0)
        {
            LogRestart(string.Join(", ", waiting));
        }
    }

    /// <summary>Settings that differ and cannot change while the service runs.</summary>
    internal static IReadOnlyList<string> Fixed(LoadedConfiguration running, LoadedConfiguration wanted)
    {
        var (before, after) = (running.Options, wanted.Options);
        var settings = OptionsDiff.Between(
            before with { Cameras = after.Cameras, Defaults = after.Defaults, Log = after.Log }, after);
        var isOtherModel = running.Folder == wanted.Folder && OptionsDiff.Between(running.Card, wanted.Card).Count > 0;
        return isOtherModel ? [.. settings, "model.path (the files there are new)"] : settings;
    }

    [LoggerMessage(LogLevel.Information, "Configuration: reading {Path} again: {Reason}")]
    private partial void LogReading(string path, string reason);

    [LoggerMessage(LogLevel.Information, "Configuration: taken on; {Changes}")]
    private partial void LogTaken(string changes);

    [LoggerMessage(LogLevel.Warning, "Configuration: restart to apply {Settings}")]
    private partial void LogRestart(string settings);

    [LoggerMessage(LogLevel.Error, "Configuration: {Problem}")]
    private partial void LogProblem(string problem);

    [LoggerMessage(LogLevel.Error, "Configuration: {Path} has {Count} problems; the one before runs on")]
    private partial void LogRefused(string path, int count);
}
