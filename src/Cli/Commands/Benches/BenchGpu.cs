using System.CommandLine;
using System.Globalization;
using ActionStream.Bench.Gpu;
using ActionStream.Cli.Output;
using ActionStream.Host;
using ActionStream.Host.Output;
using ActionStream.Inference.Configuration;
using ActionStream.Inference.Onnx;
using ActionStream.Models;
using ActionStream.Models.Graphs;
using Microsoft.Extensions.Logging;

namespace ActionStream.Cli.Commands.Benches;

/// <summary>`bench gpu`: how near our model comes to what this GPU can do, and how many cameras that is.</summary>
internal static class BenchGpu
{
    private static readonly string[] Usual =
        ["factorised-tokenlearner-vivit-ti", "factorised-tokenlearner-vivit-s", "factorised-tokenlearner-vivit-b"];

    public static Command Create()
    {
        var device = new Option<string>("--device")
        {
            Description = "cuda, or cpu to try the command where there is no GPU.",
            DefaultValueFactory = _ => "cuda",
        };
        device.AcceptOnlyFromAmong("cuda", "cpu");
        var presets = new Option<string>("--presets")
        {
            Description = "Presets that stream exactly (models list), with commas; widths 192, 384 and 768 unless given.",
            DefaultValueFactory = _ => string.Join(',', Usual),
        };
        presets.Validators.Add(result =>
        {
            foreach (var name in Words(result.GetValueOrDefault<string>()).Where(name => Presets.Find(name) is not { IsStreamable: true }))
            {
                result.AddError(Presets.Find(name) is null
                    ? Presets.Unknown(name)
                    : $"--presets has {name}, which does not stream exactly: its parts cannot be measured");
            }
        });
        var batches = new Option<string>("--batches")
        {
            Description = "Rows in one run, with commas.",
            DefaultValueFactory = _ => "1,2,4,8,16,32,64",
        };
        batches.Validators.Add(result =>
        {
            foreach (var word in Words(result.GetValueOrDefault<string>()).Where(word => Size(word) is not (>= 1 and <= 256)))
            {
                result.AddError($"--batches has {word}; expected numbers from 1 to 256, such as 1,8,64");
            }
        });
        var seconds = new Option<double>("--seconds") { Description = "Length of one point.", DefaultValueFactory = _ => 1 };
        seconds.Validators.Add(result =>
        {
            if (result.Errors.Any() is false && result.GetValueOrDefault<double>() is <= 0 or > 600)
            {
                result.AddError("--seconds; expected more than 0, at most 600");
            }
        });
        var precision = new Option<string>("--precision") { Description = "fp16 or fp32.", DefaultValueFactory = _ => "fp16" };
        precision.AcceptOnlyFromAmong("fp16", "fp32");
        var json = CommonOptions.Json();
        var page = BenchCommand.Out();
        var command = new Command(
            "gpu", "A model on the GPU beside the best its matrix products could do: batch sizes, cameras, copying, answers.")
        {
            device, presets, batches, seconds, precision, json, page,
        };
        command.SetAction(async parsed =>
        {
            using var signals = new Signals();
            using var log = LogFactory.Create(LogLevel.Warning);
            var asked = new GpuBenchOptions(
                parsed.GetValue(device) == "cpu" ? DeviceRequest.Cpu : DeviceRequest.Cuda,
                [.. Words(parsed.GetValue(presets))],
                [.. Words(parsed.GetValue(batches)).Select(word => Size(word)!.Value).Distinct().Order()],
                TimeSpan.FromSeconds(parsed.GetValue(seconds)),
                parsed.GetValue(precision) == "fp32" ? Precision.Fp32 : Precision.Fp16);
            if (OnnxSessionFactory.WhyNot(asked.Device) is { } reason)
            {
                throw new DeviceException(
                    $"bench gpu measures a GPU, and none is to be had: {reason}. --device cpu runs the same steps on the CPU");
            }

            using var bench = new GpuBench(asked, log);
            var report = await bench.MeasureAsync(signals.Stop);
            return report.Write(parsed.GetValue(json), parsed.GetValue(page));
        });
        return command;
    }

    private static string[] Words(string? list) =>
        (list ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static int? Size(string word) =>
        int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? size : null;
}
