using ActionStream.Core.Configuration;
using ActionStream.Host.Cameras;
using ActionStream.Host.Configuration;
using ActionStream.Host.Output;
using ActionStream.Host.Web;
using ActionStream.Inference;
using ActionStream.Inference.Onnx;
using Microsoft.Extensions.Logging;

namespace ActionStream.Host.Reload;

/// <summary>Takes on what has changed in the configuration file, camera by camera. A file with problems changes nothing.</summary>
/// <param name="running">What runs now.</param>
/// <param name="objection">Why these cameras cannot run on this machine with this model, or with the one there is; null if they
/// can.</param>
internal sealed partial class Reloader(
    ConfigWatch watch, LoadedConfiguration running, IRunning runs, Func<LoadedConfiguration, LoadedModel?, string?> objection,
    LogSwitch log, ReloadMeter meter, Health health, ILogger<Reloader> logger)
{
    private ModelStamp _model = ModelStamp.Of(running);

    /// <summary>What runs: of a new file the parts that can change, of the first one the rest.</summary>
    public LoadedConfiguration Running { get; private set; } = running;

    public async Task RunAsync(CancellationToken stop)
    {
        var watching = watch.RunAsync(stop);
        await foreach (var reason in watch.ReadAllAsync(stop))
        {
            LogReading(watch.Path, reason);
            watch.Note();
            await ReloadAsync(stop);
        }

        await watching;
    }

    internal async Task ReloadAsync(CancellationToken stop)
    {
        try
        {
            var (wanted, stamp, next) = await ReadAsync(stop);
            await ApplyAsync(wanted, next, stop);
            _model = stamp;
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

    // Nothing has changed yet: whatever goes wrong here, what runs runs on.
    private async Task<(LoadedConfiguration Wanted, ModelStamp Stamp, LoadedModel? Next)> ReadAsync(CancellationToken stop)
    {
        LoadedModel? next = null;
        try
        {
            var wanted = LoadedConfiguration.Load(watch.Path);
            var stamp = ModelStamp.Of(wanted);
            if (stamp.IsSame(_model))
            {
                runs.Prepare(wanted);
            }
            else
            {
                next = await LoadAsync(wanted, stop);
            }

            if (objection(wanted, next) is { } problem)
            {
                Refuse(next);
                throw new ConfigException([new(watch.Path, 0, "cameras", problem)]);
            }

            return (wanted, stamp, next);
        }
        catch (Exception unexpected) when (unexpected is not ConfigException && !IsStop(unexpected, stop))
        {
            next?.Dispose();
            LogUnexpected(unexpected, watch.Path);
            throw new ConfigException([new(watch.Path, 0, "", $"could not be taken on: {unexpected.Message.Split('\n')[0]}")]);
        }
    }

    // Beside the one that runs, so that it is the old one's cameras that wait for nothing.
    private async Task<LoadedModel> LoadAsync(LoadedConfiguration wanted, CancellationToken stop)
    {
        LogLoading(wanted.Card.Name, wanted.Folder);
        try
        {
            return await runs.LoadAsync(wanted, stop);
        }
        catch (ConfigException)
        {
            Refuse(null);
            throw;
        }
        catch (Exception refused) when (!IsStop(refused, stop))
        {
            if (refused is not (DeviceException or IOException or UnauthorizedAccessException or TimeoutException))
            {
                LogUnexpected(refused, watch.Path);
            }

            Refuse(null);
            throw new ConfigException([new(watch.Path, 0, "model", refused is TimeoutException
                ? "was still not ready after ten minutes"
                : refused.Message.Split('\n')[0])]);
        }
    }

    private static bool IsStop(Exception ended, CancellationToken stop) =>
        ended is OperationCanceledException && stop.IsCancellationRequested;

    private void Refuse(LoadedModel? next)
    {
        runs.CountChange(isTaken: false);
        next?.Dispose();
    }

    private async Task ApplyAsync(LoadedConfiguration wanted, LoadedModel? next, CancellationToken stop)
    {
        var changes = CameraChanges.Between(Running.Options.Cameras, wanted.Options.Cameras);
        var waiting = Fixed(Running, wanted);
        if (next is null)
        {
            await runs.Cameras.ApplyAsync(changes, null, stop);
        }
        else
        {
            await runs.ExchangeAsync(Running, wanted, next, changes, stop);
            runs.CountChange(isTaken: true);
            LogExchanged(wanted.Card.Name, Running.Card.Name);
        }

        log.Level = wanted.Options.Log;
        Running = wanted with
        {
            Options = Running.Options with
            {
                Cameras = wanted.Options.Cameras,
                Log = wanted.Options.Log,
                Model = wanted.Options.Model with
                {
                    RunTimeout = Running.Options.Model.RunTimeout,
                    Batch = wanted.Options.Model.Batch with { Workers = Running.Options.Model.Batch.Workers },
                },
            },
        };
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
        var model = after.Model with
        {
            RunTimeout = before.Model.RunTimeout,
            Batch = after.Model.Batch with { Workers = before.Model.Batch.Workers },
        };
        return OptionsDiff.Between(
            before with { Cameras = after.Cameras, Defaults = after.Defaults, Log = after.Log, Model = model }, after);
    }

    [LoggerMessage(LogLevel.Information, "Configuration: reading {Path} again: {Reason}")]
    private partial void LogReading(string path, string reason);

    [LoggerMessage(LogLevel.Information, "Configuration: loading model {Name} from {Folder} beside the one that runs")]
    private partial void LogLoading(string name, string folder);

    [LoggerMessage(LogLevel.Information, "Configuration: model {Name} has taken the place of {Former}")]
    private partial void LogExchanged(string name, string former);

    [LoggerMessage(LogLevel.Information, "Configuration: taken on; {Changes}")]
    private partial void LogTaken(string changes);

    [LoggerMessage(LogLevel.Warning, "Configuration: restart to apply {Settings}")]
    private partial void LogRestart(string settings);

    [LoggerMessage(LogLevel.Error, "Configuration: {Path} met an error of this program's; please report it")]
    private partial void LogUnexpected(Exception unexpected, string path);

    [LoggerMessage(LogLevel.Error, "Configuration: {Problem}")]
    private partial void LogProblem(string problem);

    [LoggerMessage(LogLevel.Error, "Configuration: {Path} has {Count} problems; the one before runs on")]
    private partial void LogRefused(string path, int count);
}
