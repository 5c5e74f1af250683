using ActionStream.EndToEnd.Support;

namespace ActionStream.EndToEnd.Measurements.Soak;

/// <summary>What a service holds at one moment: by the kernel, by its own metrics, and on disk.</summary>
internal sealed record SoakSample(
    double Hours, double RssMiB, double Handles, double Threads, double Children, double HeapMiB, double SpoolKiB, double MediaMiB,
    double BufferMiB, double Gen2, double AllocatedMiB, double Decisions)
{
    public static async Task<SoakSample> TakeAsync(Service service, string folder, string steadyCameras, TimeSpan at)
    {
        var process = service.Child.Id;
        var page = await service.GetAsync("/metrics");
        return new(
            at.TotalHours, ProcessTree.Status(process, "VmRSS") / 1024, ProcessTree.Files(process).Count,
            ProcessTree.Status(process, "Threads"), ProcessTree.Descendants(process).Count,
            Service.Metric(page, "actionstream_gc_heap_bytes") / (1 << 20),
            Bytes($"{folder}/spool") / 1024.0, Bytes($"{folder}/media") / (1 << 20), Bytes($"{folder}/buffer") / (1 << 20),
            Service.Metric(page, "actionstream_gc_collections_total", "generation=\"2\""),
            Service.Metric(page, "actionstream_gc_allocated_bytes_total") / (1 << 20),
            Service.Metric(page, "actionstream_decisions_total", $"camera=\"{steadyCameras}"));
    }

    private static double Bytes(string folder)
    {
        var bytes = 0L;
        foreach (var file in Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories) : [])
        {
            try
            {
                bytes += new FileInfo(file).Length;
            }
            catch (FileNotFoundException)
            {
                // removed meanwhile
            }
        }

        return bytes;
    }
}
