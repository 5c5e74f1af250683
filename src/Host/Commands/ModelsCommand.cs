using System.CommandLine;

namespace ActionStream.Host.Commands;

/// <summary>todo</summary>
internal static class ModelsCommand
{
    public static Command Create() => new("models");
}
