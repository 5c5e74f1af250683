using System.CommandLine;

namespace ActionStream.Host.Commands;

/// <summary>todo</summary>
internal static class DemoCommand
{
    public static Command Create() => new("demo");
}
