using System.CommandLine;

namespace ActionStream.Host.Commands;

/// <summary>todo</summary>
internal static class DoctorCommand
{
    public static Command Create() => new("doctor");
}
