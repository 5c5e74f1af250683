using ActionStream.Core.Configuration;
using ActionStream.Core.Modelling;

namespace ActionStream.Cli.Commands.Cameras;

/// <summary>The same as one JSON document.</summary>
internal static class DiscoverAnswer
{
    public static object Of(IReadOnlyList<ListedCamera> cameras, ModelInput model) => new
    {
        Model = new { model.Width, model.Height, Fps = Math.Round(1 / model.Interval.TotalSeconds, 3) },
        Cameras = cameras.Select(camera => new
        {
            camera.Address,
            camera.Endpoint,
            camera.Name,
            camera.Maker,
            camera.Model,
            camera.HasEvents,
            Streams = camera.Streams.Select(Stream),
            camera.Fault,
            camera.Problem,
        }),
    };

    public static object Stream(ListedStream stream) => new
    {
        stream.Profile.Token,
        stream.Profile.Name,
        stream.Profile.Source,
        stream.Profile.Codec,
        stream.Profile.Size.Width,
        stream.Profile.Size.Height,
        stream.Profile.Fps,
        stream.Profile.BitsPerSecond,
        Url = SafeUri.Of(stream.Profile.Address),
        Cost = new { ShareOfCore = Math.Round(stream.Cost.ShareOfCore, 4), stream.Cost.Basis },
        stream.Suits,
        stream.Lacks,
    };
}
