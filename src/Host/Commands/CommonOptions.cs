using System.CommandLine;
using ActionStream.Inference;
using ActionStream.Models.Graphs;

namespace ActionStream.Host.Commands;

/// <summary>Options that mean the same in every verb.</summary>
internal static class CommonOptions
{
    public static Option<bool> Json() => new("--json") { Description = "One JSON document on standard output; logs stay on standard error." };

    public static Option<Precision> Precision() =>
        new("--precision") { Description = "fp32, fp16 (for a GPU; half the memory) or int8 (for a CPU; products with weights in bytes)." };

    public static Option<string> Config() => new("--config", "-c") { Description = "The configuration, a YAML file.", Required = true };

    public static Option<int?> Hop() => new("--hop") { Description = "Sampled frames from one window to the next; a quarter of the model's frames if not given." };

    public static Option<WindowPath> Path() =>
        new("--path") { Description = "cached keeps tokens between windows, full does not; the answers are the same. Cached where the model allows it if not given." };

    public static Option<DeviceRequest> Device() =>
        new("--device") { Description = "Where the model runs. The CPU if not given: only there two runs are promised to be equal to the last bit.", DefaultValueFactory = _ => DeviceRequest.Cpu };
}
