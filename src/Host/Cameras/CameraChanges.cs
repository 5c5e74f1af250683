using ActionStream.Host.Configuration;

namespace ActionStream.Host.Cameras;

/// <summary>What has to be done to the running cameras so that they are those of another configuration.</summary>
/// <param name="Restarted">Opened anew: where they look, how often, or how they are read has changed.</param>
/// <param name="Retuned">Their frames go on; what is made of them changes.</param>
internal sealed record CameraChanges(
    IReadOnlyDictionary<string, CameraOptions> Added,
    IReadOnlyList<string> Removed,
    IReadOnlyDictionary<string, CameraOptions> Restarted,
    IReadOnlyDictionary<string, CameraOptions> Retuned)
{
    /// <summary>Settings that no frame and no window depends on.</summary>
    private static readonly string[] Tuning = ["name", "priority", "deadline", "events", "zones", "aspect"];

    public bool IsNone => Added.Count + Removed.Count + Restarted.Count + Retuned.Count == 0;

    /// <summary>Cameras whose connection ends.</summary>
    public IEnumerable<string> Stopping => Removed.Concat(Restarted.Keys);

    /// <summary>Cameras that are opened.</summary>
    public IEnumerable<KeyValuePair<string, CameraOptions>> Starting => Restarted.Concat(Added);

    /// <summary>One switched off is as good as removed, and one switched on as good as new.</summary>
    public static CameraChanges Between(
        IReadOnlyDictionary<string, CameraOptions> running, IReadOnlyDictionary<string, CameraOptions> wanted)
    {
        var (before, after) = (Enabled(running), Enabled(wanted));
        var touched = after.Where(camera => before.ContainsKey(camera.Key))
            .Select(camera => (camera.Key, camera.Value, Settings: OptionsDiff.Between(before[camera.Key], camera.Value)))
            .Where(camera => camera.Settings.Count > 0)
            .ToLookup(camera => camera.Settings.All(setting => Tuning.Contains(setting.Split('.')[0])), camera =>
                KeyValuePair.Create(camera.Key, camera.Value));
        return new(
            after.Where(camera => !before.ContainsKey(camera.Key)).ToDictionary(),
            [.. before.Keys.Where(key => !after.ContainsKey(key))],
            touched[false].ToDictionary(),
            touched[true].ToDictionary());
    }

    public override string ToString() => string.Join("; ", new[]
    {
        ("added", Added.Keys), ("removed", Removed), ("restarted", Restarted.Keys), ("retuned", Retuned.Keys),
    }.Where(kind => kind.Item2.Any()).Select(kind => $"{kind.Item1} {string.Join(", ", kind.Item2)}"));

    private static Dictionary<string, CameraOptions> Enabled(IReadOnlyDictionary<string, CameraOptions> cameras) =>
        cameras.Where(camera => camera.Value.Enabled).ToDictionary(StringComparer.Ordinal);
}
