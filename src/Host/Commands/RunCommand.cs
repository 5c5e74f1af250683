using System.CommandLine;

namespace ActionStream.Host.Commands;

/// <summary>todo</summary>
internal static class RunCommand
{
    public static Command Create() => new("run");
}
