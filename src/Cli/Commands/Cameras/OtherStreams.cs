using System.Globalization;
using ActionStream.Core.Configuration;
using ActionStream.Core.Modelling;
using ActionStream.Host;
using ActionStream.Host.Configuration;
using ActionStream.Ingest.Ffmpeg;
using ActionStream.Ingest.Onvif;
using ActionStream.Ingest.Probing;
using ActionStream.Ingest.Sources;

namespace ActionStream.Cli.Commands.Cameras;

/// <summary>What else a camera that is probed could send, and what that would save.</summary>
/// <param name="advice">The suggestion it comes to.</param>
internal sealed class OtherStreams(ListedCamera camera, ModelInput model, IReadOnlyList<Suggestion> advice)
{
    /// <summary>A saving below a fifth is within what estimates are wrong by.</summary>
    private const double WorthIt = 1.2;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public IReadOnlyList<Suggestion> Advice => advice;

    public bool IsListed => camera.Streams.Count > 0;

    public object Answer => new
    {
        camera.Address,
        Streams = camera.Streams.Select(DiscoverAnswer.Stream),
        camera.Fault,
        camera.Problem,
    };

    /// <summary>Null where it is not asked for.</summary>
    /// <param name="typed">Where the camera answers ONVIF, if somebody said it.</param>
    public static OnvifAddress? AddressOf(string url, bool isWanted, string? typed)
    {
        if (typed is not null)
        {
            var address = OnvifAddress.Parse(typed) ?? throw new UsageException($"--onvif-address: {OnvifAddress.WhyNot(typed)}");
            return address with { Login = address.Login ?? OnvifLogin.OfAddress(url) };
        }

        return !isWanted ? null
            : SourceAddress.TryParse(url, out var source) && source.IsNetwork
                && Uri.TryCreate(SafeUri.WithoutLogin(url), UriKind.Absolute, out var place) && place.Host.Length > 0
            ? OnvifAddress.OfHost(place.Host, OnvifLogin.OfAddress(url))
            : throw new UsageException($"--onvif asks the camera's host, and {SafeUri.Of(url)} has none");
    }

    public static async Task<OtherStreams> AskAsync(
        string url, OnvifAddress onvif, ProbeReport report, ModelInput model, FfmpegEnvironment environment, CancellationToken cancel)
    {
        var costs = await DecodeCosts.OfMachineAsync(environment, ModelFolder.Packaged("configs/demo/clip.mp4", File.Exists), cancel);
        var camera = await new CameraLister(model, null, costs, null, environment.Time).ListAsync(onvif, null, cancel, Patience);
        var (facts, packets) = (report.Facts, report.Packets);
        var cost = costs.Of(facts.Codec, facts.Size, packets.Fps ?? facts.NominalFps, packets.BitsPerSecond);
        return new(camera, model, [.. Advise(url, camera, cost)]);
    }

    public void Write(TextWriter to)
    {
        to.WriteLine();
        foreach (var line in ListingText.Lines([camera], model))
        {
            to.WriteLine(line);
        }
    }

    /// <summary>Whether one of the others costs so much less that it is worth its address.</summary>
    internal static IEnumerable<Suggestion> Advise(string url, ListedCamera camera, DecodeCost cost)
    {
        // Of a device with several lenses it is not known which one this address shows, unless it is in the list.
        var here = camera.Streams.FirstOrDefault(stream => PathOf(stream.Profile.Address) == PathOf(SafeUri.WithoutLogin(url)));
        var suits = camera.Suiting.Where(stream => here is null || stream.Profile.Source == here.Profile.Source).ToArray();
        if (suits is not [{ Lacks: null } best] || best == here)
        {
            yield break;
        }

        var times = cost.ShareOfCore / best.Cost.ShareOfCore;
        if (times >= WorthIt)
        {
            var (name, what, where) = (best.Profile.Name, ListingText.Of(best.Profile), SafeUri.Of(best.Profile.Address));
            yield return new(null, null, string.Create(
                CultureInfo.InvariantCulture,
                $"its sub-stream {name} ({what}) would cost {times:0.#} times less to decode, and covers the model: {where}"));
        }
    }

    private static string? PathOf(string address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var place) ? place.PathAndQuery : null;
}
