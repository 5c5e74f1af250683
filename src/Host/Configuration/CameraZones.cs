using System.Globalization;
using ActionStream.Core.Configuration;
using ActionStream.Core.Media;
using ActionStream.Core.Modelling;
using ActionStream.Publish.Events.Zones;

namespace ActionStream.Host.Configuration;

/// <summary>A camera's zones as its model meets them: through the camera's crop and the way the frame becomes the model's square.</summary>
internal static class CameraZones
{
    /// <summary>In the order of their names, so that the file's order is no setting; none where the
    /// model does not say where it looks.</summary>
    public static IReadOnlyList<Zone> Of(CameraOptions camera, ModelCard card) =>
        card.Streaming?.Attention is { } maps
            ? [.. camera.Zones.OrderBy(zone => zone.Key, StringComparer.Ordinal)
                .Select(zone => new Zone(zone.Key, zone.Value, ViewOf(camera, card.Input), maps.Height, maps.Width))]
            : [];

    /// <summary>Reports zones that this model cannot watch. Those that make no sense by themselves are reported elsewhere.</summary>
    public static void CheckAgainst(ModelCard card, CameraOptions camera, ConfigCheck check)
    {
        if (camera.Zones.Count == 0 || !IsSound(camera))
        {
            return;
        }

        if (card.Streaming?.Attention is null)
        {
            check.Report(
                $"need a model that says where it looks, and {card.Name} does not (a TokenLearner model in two parts does: "
                + "models build --split); "
                + "give each zone a camera of its own with the same url and a crop instead, see Zones in docs/operating.md");
            return;
        }

        foreach (var zone in Of(camera, card).Where(zone => zone.Area < 1e-6))
        {
            check.AtKey(zone.Name).Report("lies outside of what the model sees of this frame; expected a part within its "
                + $"crop{(card.Input.Fit == Fit.Crop ? " and the model's square, which is cut out of its middle" : "")}");
        }
    }

    /// <summary>Width by height of `16:9` and the like.</summary>
    public static bool TryParse(string text, out double aspect)
    {
        var parts = text.Split(':');
        aspect = parts.Length == 2 && Number(parts[0]) is { } width && Number(parts[1]) is { } height ? width / height : 0;
        return aspect is >= 0.1 and <= 10;
    }

    private static double? Number(string text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : null;

    private static FrameArea ViewOf(CameraOptions camera, ModelInput input)
    {
        var cropped = camera.Crop is { } crop ? new FrameArea(crop.X, crop.Y, crop.Width, crop.Height) : FrameArea.Whole;
        return TryParse(camera.Aspect, out var aspect) ? cropped.Fitted(input.Fit, input.Size, aspect) : cropped;
    }

    private static bool IsSound(CameraOptions camera)
    {
        var check = new ConfigCheck("");
        ZoneOptions.Check(check, camera.Zones);
        camera.Crop?.Check(check);
        return check.Problems.Count == 0;
    }
}
