using System.Diagnostics.Metrics;
using System.Globalization;

namespace ActionStream.Publish.Metrics;

/// <summary>What the process itself uses: build, memory, processor, handles, threads, garbage collection. Read only when asked.</summary>
/// <remarks>`process_…` are the names that Prometheus gives these in every program, for dashboards made for any of them.</remarks>
public sealed class ProcessMeter
{
    private readonly DateTimeOffset _started;

    /// <param name="version">Of the program.</param>
    public ProcessMeter(Meter meter, string version, TimeProvider time)
    {
        _started = time.GetUtcNow();
        KeyValuePair<string, object?>[] build = [new("version", version)];
        meter.CreateObservableGauge(
            "actionstream.build_info", () => new Measurement<int>(1, build), null, "Always 1; the labels say which build runs.");
        meter.CreateObservableGauge(
            "process.start_time", () => _started.ToUnixTimeMilliseconds() / 1000.0, "s",
            "When the process started, in seconds since 1970.");
        meter.CreateObservableCounter(
            "process.cpu", () => Environment.CpuUsage.TotalTime.TotalSeconds, "s",
            "Processor time used, all threads together.");
        meter.CreateObservableGauge(
            "process.resident_memory", () => Environment.WorkingSet, "By", "Memory that lies in RAM, native included.");
        meter.CreateObservableGauge("process.virtual_memory", VirtualMemory, "By", "Memory that is reserved, in RAM or not.");
        meter.CreateObservableGauge("process.num_threads", Threads, "{thread}", "Threads of the process.");
        meter.CreateObservableGauge(
            "process.open_fds", OpenFiles, "{file}", "Open file descriptors, sockets and pipes included.");
        meter.CreateObservableGauge(
            "process.max_fds", MostFiles, "{file}", "Open file descriptors that the process may have; missing where there is no limit.");
        meter.CreateObservableCounter(
            "actionstream.gc.collections", Collections, "{collection}", "Garbage collections by the oldest generation they collected.");
        meter.CreateObservableCounter(
            "actionstream.gc.allocated", () => GC.GetTotalAllocatedBytes(), "By", "Managed memory allocated since the start.");
        meter.CreateObservableGauge(
            "actionstream.gc.heap", () => GC.GetTotalMemory(forceFullCollection: false), "By", "Managed memory in use.");
    }

    private static IEnumerable<Measurement<long>> Collections()
    {
        for (var generation = 0; generation <= GC.MaxGeneration; generation++)
        {
            // .NET counts a collection of an older generation in all younger ones too.
            var older = generation < GC.MaxGeneration ? GC.CollectionCount(generation + 1) : 0;
            yield return new(GC.CollectionCount(generation) - older, new KeyValuePair<string, object?>("generation", generation));
        }
    }

    private static IEnumerable<Measurement<int>> OpenFiles()
    {
        if (Directory.Exists("/proc/self/fd"))
        {
            yield return new(Directory.EnumerateFileSystemEntries("/proc/self/fd").Count() - 1); // the listing holds one itself
        }
    }

    private static IEnumerable<Measurement<long>> MostFiles() => Field("/proc/self/limits", "Max open files");

    private static IEnumerable<Measurement<long>> Threads() => Field("/proc/self/status", "Threads:");

    private static IEnumerable<Measurement<long>> VirtualMemory() =>
        Field("/proc/self/status", "VmSize:").Select(kilobytes => new Measurement<long>(kilobytes.Value * 1024));

    // The first number behind the field's name; none where the system has no such file or names no number.
    private static IEnumerable<Measurement<long>> Field(string file, string field)
    {
        if (File.Exists(file)
            && File.ReadLines(file).FirstOrDefault(line => line.StartsWith(field, StringComparison.Ordinal)) is { } line
            && long.TryParse(
                line.AsSpan(field.Length).Trim().ToString().Split(' ')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            yield return new(number);
        }
    }
}
