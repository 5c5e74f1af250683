using System.Globalization;
using ActionStream.EndToEnd.Support;

namespace ActionStream.EndToEnd.Measurements.Chaos;

/// <summary>What a process holds at one moment, as the kernel counts it.</summary>
internal sealed record Usage(double Megabytes, double Handles, double Threads, double Children)
{
    public static Usage Of(int process) => new(
        ProcessTree.Status(process, "VmRSS") / 1024, ProcessTree.Files(process).Count, ProcessTree.Status(process, "Threads"),
        ProcessTree.Descendants(process).Count);

    public Usage Max(Usage other) => new(
        Math.Max(Megabytes, other.Megabytes), Math.Max(Handles, other.Handles), Math.Max(Threads, other.Threads),
        Math.Max(Children, other.Children));

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Megabytes:0} MiB, {Handles:0} handles, {Threads:0} threads, {Children:0} children");
}
