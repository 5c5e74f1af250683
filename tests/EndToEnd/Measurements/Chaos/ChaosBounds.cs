namespace ActionStream.EndToEnd.Measurements.Chaos;

/// <summary>What a service may use while all goes wrong around it, and must be back at when all is well again.</summary>
internal static class ChaosBounds
{
    /// <summary>Of a healthy camera, between two decisions.</summary>
    public const double LongestDistance = 2;

    /// <summary>In which no page was answered: what a supervisor's probe bears.</summary>
    public static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(6);

    private const double MoreMegabytes = 150;
    private const double MoreHandles = 400; // 80 clients at fault and what each child holds
    private const double MoreThreads = 40;
    private const double MoreChildren = 12;
    private const double LeftMegabytes = 80;
    private const double LeftHandles = 12;
    private const double LeftThreads = 12;

    public static bool IsWithin(Usage before, Usage most) =>
        most.Megabytes <= before.Megabytes + MoreMegabytes && most.Handles <= before.Handles + MoreHandles
        && most.Threads <= before.Threads + MoreThreads && most.Children <= before.Children + MoreChildren;

    public static bool IsBack(Usage before, Usage after) =>
        after.Megabytes <= before.Megabytes + LeftMegabytes && after.Handles <= before.Handles + LeftHandles
        && after.Threads <= before.Threads + LeftThreads && after.Children <= before.Children;
}
