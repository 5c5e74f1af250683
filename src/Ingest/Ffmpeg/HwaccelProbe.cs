using ActionStream.Ingest.Sources;

namespace ActionStream.Ingest.Ffmpeg;

/// <summary>What decodes, and why each better choice was refused.</summary>
/// <param name="Name">A name for -hwaccel; null for software.</param>
public sealed record HwaccelChoice(string? Name, IReadOnlyList<string> Refused);

/// <summary>Finds out which hardware decoder really works here: ffmpeg lists what it was built for, not what is there.</summary>
public sealed class HwaccelProbe(FfmpegTool tool)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, string?> _refusals = new(StringComparer.Ordinal);
    private IReadOnlySet<string>? _built;

    /// <exception cref="SourceException">One was asked for by name and does not work.</exception>
    public HwaccelChoice Choose(Hwaccel asked)
    {
        if (asked == Hwaccel.None)
        {
            return new(null, []);
        }

        if (asked != Hwaccel.Auto)
        {
            var name = asked.ToString().ToLowerInvariant();
            return Refusal(name) is { } reason
                ? throw new SourceException(SourceFault.Hwaccel, $"hwaccel {name} does not work here: {reason}")
                : new(name, []);
        }

        List<string> refused = [];
        foreach (var name in (string[])["cuda", "vaapi", "qsv"])
        {
            if (Refusal(name) is not { } reason)
            {
                return new(name, refused);
            }

            refused.Add($"{name}: {reason}");
        }

        return new(null, refused);
    }

    // Only answers are kept: that nothing could be asked, for want of a child, says nothing about the hardware.
    private string? Refusal(string name)
    {
        lock (_lock)
        {
            if (!_refusals.TryGetValue(name, out var refusal))
            {
                _refusals[name] = refusal = Try(name);
            }

            return refusal;
        }
    }

    private string? Try(string name)
    {
        _built ??= tool.Hwaccels();
        if (!_built.Contains(name))
        {
            return "this ffmpeg was built without it";
        }

        // Without the device file there is nothing to try, and trying costs half a second.
        var (isThere, device) = name == "cuda"
            ? (File.Exists("/dev/nvidiactl"), "/dev/nvidiactl")
            : (Directory.Exists("/dev/dri") && Directory.EnumerateFiles("/dev/dri", "renderD*").Any(), "/dev/dri/renderD*");
        if (!isThere)
        {
            return $"there is no {device}";
        }

        var answer = FfmpegTool.Ask(tool.Path,
            [
                "-hide_banner", "-loglevel", "error", "-init_hw_device", name, "-f", "lavfi", "-i", "nullsrc",
                "-frames:v", "1", "-f", "null", "-",
            ]);
        return answer.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) is [var first, ..] ? first : null;
    }
}
