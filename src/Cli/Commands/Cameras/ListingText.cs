using System.Globalization;
using ActionStream.Core.Configuration;
using ActionStream.Core.Modelling;
using ActionStream.Ingest.Onvif;
using ActionStream.Ingest.Probing;

namespace ActionStream.Cli.Commands.Cameras;

/// <summary>Cameras and their streams for people: lines that also stand as comments above the configuration.</summary>
internal static class ListingText
{
    public static IEnumerable<string> Lines(IReadOnlyList<ListedCamera> cameras, ModelInput model)
    {
        foreach (var camera in cameras)
        {
            yield return $"{camera.Title} at {camera.Address}";
            if (camera.Problem is not null)
            {
                yield return $"  {camera.Fault}: {camera.Problem}";
            }

            foreach (var stream in camera.Streams)
            {
                var address = SafeUri.Of(stream.Profile.Address);
                yield return $"{(stream.Suits ? ">" : " ")} {Of(stream.Profile),-40} {Cost(stream.Cost),-26} {address}";
            }
        }

        if (cameras.Any(camera => camera.Streams.Count > 0))
        {
            yield return Text($"> suits the model ({model.Size} at {1 / model.Interval.TotalSeconds:0.#} fps): ")
                + "the cheapest that covers it";
        }
    }

    /// <summary>h264 640x360 at 15 fps, 512 kbit/s</summary>
    public static string Of(OnvifProfile profile) =>
        $"{profile.Codec} {profile.Size}{(profile.Fps is { } fps ? Text($" at {fps:0.##} fps") : "")}"
        + (profile.BitsPerSecond is { } bits ? Text($", {bits / 1000.0:0} kbit/s") : "");

    public static string Cost(DecodeCost cost) =>
        Text($"{100 * cost.ShareOfCore:0.0} % of a core ") + (cost.Basis == CostBasis.Measured ? "(measured)" : "(estimated)");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
