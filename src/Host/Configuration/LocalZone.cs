using System.Globalization;
using ActionStream.Core.Configuration;

namespace ActionStream.Host.Configuration;

/// <summary>The time zone that schedules go by. A name that nobody knows here becomes UTC without a word, so the word is
/// said here.</summary>
internal static class LocalZone
{
    /// <summary>What is wrong with the environment's TZ; null if nothing.</summary>
    public static string? Problem(string? zone)
    {
        var name = zone?.TrimStart(':');
        if (string.IsNullOrEmpty(name)
            || (Path.IsPathRooted(name) ? File.Exists(name) : TimeZoneInfo.TryFindSystemTimeZoneById(name, out _)))
        {
            return null;
        }

        return $"the environment variable TZ is {zone}, which is no time zone here, and UTC is used instead; expected one such as "
            + "Europe/Berlin (install tzdata if that is missing too)";
    }

    /// <summary>Tells of a zone that cannot be had at every schedule that would go by another.</summary>
    public static void Check(PipelineOptions options, string? zone, ConfigCheck check)
    {
        if (Problem(zone) is not { } problem)
        {
            return;
        }

        foreach (var (key, camera) in options.Cameras)
        {
            var events = check.At(nameof(options.Cameras)).AtKey(key).At(nameof(camera.Events));
            if (camera.Events.Schedule.Count > 0)
            {
                events.At(nameof(camera.Events.Schedule)).Report($"goes by local time, but {problem}");
            }

            foreach (var (label, _) in camera.Events.Classes.Where(own => own.Value.Schedule is { Count: > 0 }))
            {
                events.At(nameof(camera.Events.Classes)).AtKey(label).At(nameof(camera.Events.Schedule)).Report(
                    $"goes by local time, but {problem}");
            }
        }
    }

    /// <summary>The zone in use, such as Europe/Berlin (UTC+02:00).</summary>
    public static string Name(TimeProvider time)
    {
        var zone = time.LocalTimeZone;
        var offset = zone.GetUtcOffset(time.GetUtcNow());
        return offset == TimeSpan.Zero && zone.Id is "UTC" or "Etc/UTC"
            ? "UTC"
            : $"{zone.Id} (UTC{(offset < TimeSpan.Zero ? '-' : '+')}{offset.ToString("hh\\:mm", CultureInfo.InvariantCulture)})";
    }

    public static string Now(TimeProvider time) =>
        $"{time.GetLocalNow().ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)} {Name(time)}";
}
