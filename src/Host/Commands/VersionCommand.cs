using System.CommandLine;

namespace ActionStream.Host.Commands;

/// <summary>todo</summary>
internal static class VersionCommand
{
    public static Command Create() => new("version");
}
