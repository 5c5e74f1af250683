using ActionStream.Core.Results;

namespace ActionStream.Publish.Mqtt;

/// <summary>Which of Home Assistant's device classes an action is, for its icon and its words; most are none.</summary>
internal static class DeviceClass
{
    private static readonly string[] Dangers =
        [
            "fall", "falling", "fight", "fighting", "punch", "punching", "kick", "kicking", "hit", "hitting", "slap", "strangle", "choke",
            "choking", "smoke", "fire",
        ];

    private static readonly string[] Movements =
        ["walk", "walking", "run", "running", "jump", "jumping", "climb", "climbing", "crawl", "crawling", "move", "moving", "motion"];

    /// <summary>`safety` ("unsafe" while on), `motion`, or null.</summary>
    public static string? Of(string label)
    {
        var words = Slug.Of(label).Split('_', '-');
        return words.Any(Dangers.Contains) ? "safety"
            : words.Any(Movements.Contains) ? "motion"
            : null;
    }
}
