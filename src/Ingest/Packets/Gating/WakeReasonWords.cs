using System.Collections.Concurrent;
using ActionStream.Core.Configuration;

namespace ActionStream.Ingest.Packets.Gating;

/// <summary>The words that metrics, messages and pages use for <see cref="WakeReasons"/>.</summary>
public static class WakeReasonWords
{
    // One list for each set of reasons, so that two states of a camera with the same reasons are equal.
    private static readonly ConcurrentDictionary<WakeReasons, IReadOnlyList<string>> Lists = new();

    /// <summary>Each single reason.</summary>
    public static IReadOnlyList<WakeReasons> All { get; } =
        [.. Enum.GetValues<WakeReasons>().Where(reason => reason != WakeReasons.None)];

    extension(WakeReasons reasons)
    {
        /// <summary>A word for each reason; the same list for the same reasons.</summary>
        public IReadOnlyList<string> Words => Lists.GetOrAdd(
            reasons, static all => [.. All.Where(one => (all & one) != 0).Select(one => SettingName.Of(one.ToString()))]);

        /// <summary>The one that a wake is counted under: what the stream itself shows goes before who asks for it.</summary>
        public WakeReasons First => All.FirstOrDefault(one => (reasons & one) != 0);
    }
}
