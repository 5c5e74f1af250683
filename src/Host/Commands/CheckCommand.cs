using System.CommandLine;

namespace ActionStream.Host.Commands;

/// <summary>todo</summary>
internal static class CheckCommand
{
    public static Command Create() => new("check");
}
