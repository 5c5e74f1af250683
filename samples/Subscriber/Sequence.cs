namespace Subscriber;

/// <summary>Tells by `boot_id` and `seq` what came twice and what is missing. QoS 1 promises "at least once".</summary>
internal sealed class Sequence
{
    private readonly Dictionary<string, (string Boot, long Seq)> _last = [];

    /// <summary>How many messages of this camera are missing before this one; -1 where this one has been here before.</summary>
    public long Missing(string camera, string boot, long seq)
    {
        var isKnown = _last.TryGetValue(camera, out var last) && last.Boot == boot;
        if (isKnown && seq <= last.Seq)
        {
            return -1;
        }

        _last[camera] = (boot, seq);
        return isKnown ? seq - last.Seq - 1 : 0; // what was said before we came is not missing
    }
}
