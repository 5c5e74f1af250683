using System.CommandLine;
using System.Globalization;
using ActionStream.Cli.Commands.Benches;
using ActionStream.Core.Configuration;
using ActionStream.Host;
using ActionStream.Host.Configuration;
using ActionStream.Host.Output;
using ActionStream.Inference.Configuration;
using ActionStream.Inference.Onnx;
using ActionStream.Ingest.Ffmpeg;
using ActionStream.Ingest.Sources;
using ActionStream.Publish.Mqtt.Client;
using ActionStream.Publish.Mqtt.Receiving;

namespace ActionStream.Cli.Commands;

/// <summary>`doctor`: what this machine can do, and why not where it cannot.</summary>
internal static class DoctorCommand
{
    /// <summary>One finding. A check that is not needed for the service to work is a note: it never fails the verb.</summary>
    private sealed record Finding(string Name, bool Ok, string Detail, bool IsNote = false);

    public static Command Create()
    {
        var config = new Option<string?>("--config", "-c") { Description = "Also check this configuration, its model and its broker." };
        var json = CommonOptions.Json();
        var command = new Command(
            "doctor", "What this machine can do: ffmpeg, devices, broker, limits; and why not where it cannot.") { config, json };
        command.SetAction((parsed, cancel) => RunAsync(parsed.GetValue(config), parsed.GetValue(json), cancel));
        return command;
    }

    private static async Task<int> RunAsync(string? config, bool json, CancellationToken cancel)
    {
        List<Finding> findings =
        [
            new("version", true, Product.Version),
            Ffmpeg(),
            ParentDeathSignal(),
            new("onnxruntime", true, OnnxSessionFactory.RuntimeVersion),
            Device(DeviceRequest.Cuda),
            Device(DeviceRequest.Tensorrt),
            new("mqtt", true, $"MQTTnet {PackageVersion.Of("MQTTnet")}"),
            Clock(),
            Zone(),
            OpenFiles(),
        ];
        if (config is not null)
        {
            findings.AddRange(await ConfigurationAsync(config, cancel));
        }
        else
        {
            findings.Add(Model(ModelFolder.Resolve(ModelFolder.Default)));
        }

        if (json)
        {
            AnswerJson.Write(new { Checks = findings.Select(finding => new { finding.Name, finding.Ok, finding.Detail }) });
        }
        else
        {
            foreach (var finding in findings)
            {
                Console.WriteLine($"{(finding.Ok ? "ok  " : finding.IsNote ? "note" : "FAIL")}  {finding.Name,-12}  {finding.Detail}");
            }
        }

        return findings.TrueForAll(finding => finding.Ok || finding.IsNote) ? ExitCode.Good : ExitCode.Failed;
    }

    private static Finding Ffmpeg()
    {
        try
        {
            var tool = FfmpegTool.Find();
            var hwaccels = string.Join(", ", tool.Hwaccels().Order());
            return new("ffmpeg", true, $"{tool.Version} at {tool.Path}; built for hwaccel {(hwaccels.Length == 0 ? "none" : hwaccels)}");
        }
        catch (SourceException missing)
        {
            return new("ffmpeg", false, missing.Message);
        }
    }

    private static Finding ParentDeathSignal() => FfmpegTool.Executable("setpriv") is { } path
        ? new("setpriv", true, $"{path}: children end with this process, whatever happens to it")
        : new(
            "setpriv", false,
            "was not found; after a kill -9 of this process a stalled ffmpeg may stay behind. Install util-linux", IsNote: true);

    private static Finding Device(DeviceRequest device)
    {
        var problem = OnnxSessionFactory.WhyNot(device);
        return new(device.ToString().ToLowerInvariant(), problem is null, problem ?? "loads", IsNote: true);
    }

    private static Finding Clock()
    {
        var now = TimeProvider.System.GetUtcNow();
        var isPlausible = now.Year >= 2025;
        return new("clock", isPlausible, isPlausible
            ? now.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)
            : $"{now:yyyy-MM-dd} cannot be right; messages would carry wrong times. Set the clock or start NTP");
    }

    private static Finding Zone()
    {
        var problem = LocalZone.Problem(Environment.GetEnvironmentVariable("TZ"));
        return new("local time", problem is null, problem ?? $"{LocalZone.Now(TimeProvider.System)}; schedules go by it");
    }

    private static Finding OpenFiles()
    {
        const int Wanted = 1024;
        var limits = File.Exists("/proc/self/limits") ? File.ReadLines("/proc/self/limits") : [];
        var fields = limits.FirstOrDefault(line => line.StartsWith("Max open files", StringComparison.Ordinal))?
            .Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields is [_, _, _, var soft, ..] && int.TryParse(soft, CultureInfo.InvariantCulture, out var limit)
            ? new(
                "open files", limit >= Wanted,
                $"{limit}{(limit >= Wanted ? "" : $"; expected at least {Wanted} (about 8 per camera): ulimit -n {Wanted}")}", IsNote: true)
            : new("open files", true, "no limit known");
    }

    private static Finding Model(string folder)
    {
        try
        {
            var card = CardFile.Load(folder);
            return new("model", true, $"{card.Name} in {folder}{(card.Trained ? "" : ", untrained: its labels mean nothing")}");
        }
        catch (ConfigException wrong)
        {
            return new("model", false, string.Join("; ", wrong.Problems));
        }
    }

    private static async Task<IEnumerable<Finding>> ConfigurationAsync(string path, CancellationToken cancel)
    {
        var (options, problems) = ConfigFile.TryLoad(path);
        if (options is null || problems.Count > 0)
        {
            return [new("config", false, string.Join("; ", problems))];
        }

        return
        [
            new("config", true, $"{path}: {options.Cameras.Count} cameras"),
            Model(ModelFolder.Resolve(options.Model.Path)),
            CommandLines(options),
            await BrokerAsync(options.Mqtt, options.Node, cancel),
        ];
    }

    private static Finding CommandLines(PipelineOptions options)
    {
        Version? ffmpeg = null;
        try
        {
            ffmpeg = FfmpegTool.Find().Number;
        }
        catch (SourceException)
        {
            // Said above; nothing is started then.
        }

        string[] shown = ffmpeg is null
            ? []
            : [.. options.Cameras.Where(camera => FfmpegArguments.ShowsSecret(camera.Value, ffmpeg)).Select(camera => camera.Key)];
        return new(
            "ps", shown.Length == 0,
            shown.Length == 0
                ? "no camera's password stands in a command line"
                : $"the password of {string.Join(", ", shown)} stands in ffmpeg's command line, where every user of this machine can read "
                    + "it: input_arguments are set, or ffmpeg is older than 5.0",
            IsNote: true);
    }

    private static async Task<Finding> BrokerAsync(MqttOptions options, string node, CancellationToken cancel)
    {
        var place = $"{options.Host}:{options.Port}{(options.Tls.Enabled ? " with TLS" : "")}";
        await using var client = new MqttNetClient();
        try
        {
            // Another client id than the service's, so that a running one is not thrown out.
            await client.ConnectAsync(options, $"actionstream-{node}-doctor", null, cancel);
            await client.DisconnectAsync(cancel);
            return new("broker", true, $"{place} answers");
        }
        catch (MqttException fault)
        {
            return new("broker", false, $"{place}: {fault.Reason}: {fault.Message}");
        }
    }
}
