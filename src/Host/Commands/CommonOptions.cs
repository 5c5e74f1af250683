using System.CommandLine;
using ActionStream.Models.Graphs;

namespace ActionStream.Host.Commands;

/// <summary>Options that mean the same in every verb.</summary>
internal static class CommonOptions
{
    public static Option<bool> Json() => new("--json") { Description = "One JSON document on standard output; logs stay on standard error." };

    public static Option<Precision> Precision() =>
        new("--precision") { Description = "fp32, fp16 (for a GPU; half the memory) or int8 (for a CPU; products with weights in bytes)." };

    public static Option<string> Config() => new("--config", "-c") { Description = "The configuration, a YAML file.", Required = true };
}
