using System.CommandLine;

namespace ActionStream.Host.Commands;

/// <summary>Options that mean the same in every verb.</summary>
internal static class CommonOptions
{
    public static Option<bool> Json() => new("--json") { Description = "One JSON document on standard output; logs stay on standard error." };

    public static Option<string> Config() => new("--config", "-c") { Description = "The configuration, a YAML file.", Required = true };
}
