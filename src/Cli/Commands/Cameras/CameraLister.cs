using ActionStream.Core.Modelling;
using ActionStream.Ingest.Ffmpeg;
using ActionStream.Ingest.Onvif;
using ActionStream.Ingest.Probing;
using ActionStream.Ingest.Sources;

namespace ActionStream.Cli.Commands.Cameras;

/// <summary>Asks cameras for their streams and marks those that suit the model.</summary>
/// <param name="login">For cameras whose address holds none.</param>
/// <param name="costs">What a stream costs by what a camera says of it.</param>
/// <param name="measure">Decodes each stream to see what it costs; null for not.</param>
internal sealed class CameraLister(
    ModelInput model, OnvifLogin? login, DecodeCosts costs, SourceProbe? measure, TimeProvider time)
{
    /// <summary>Cameras that are asked at the same time.</summary>
    private const int Width = 8;

    /// <summary>Those that called back, in their order.</summary>
    public async Task<IReadOnlyList<ListedCamera>> ListAsync(IReadOnlyList<DiscoveredDevice> found, CancellationToken cancel)
    {
        using var turns = new SemaphoreSlim(Width);
        return await Task.WhenAll(found.Select(async device =>
        {
            await turns.WaitAsync(cancel);
            try
            {
                return await ListAsync(new OnvifAddress([device.Service], login), device, cancel);
            }
            finally
            {
                turns.Release();
            }
        }));
    }

    /// <summary>One camera; one that cannot be listed is told with the reason.</summary>
    /// <param name="device">What is known of it already.</param>
    /// <param name="patience">How long it may take to answer at all.</param>
    public async Task<ListedCamera> ListAsync(
        OnvifAddress address, DiscoveredDevice? device, CancellationToken cancel, TimeSpan? patience = null)
    {
        address = address with { Login = address.Login ?? login };
        try
        {
            using var camera = await OnvifDevice.OpenAsync(address, time, cancel, patience);
            var (maker, name) = await camera.NameAsync(cancel);
            var profiles = await camera.ProfilesAsync(cancel);
            var streams = profiles.Count == 0
                ? throw new SourceException(SourceFault.NoVideo, $"{address.Safe} lists no stream with video")
                : await MarkAsync(profiles, address.Login, cancel);
            return new(
                camera.Address.AbsoluteUri, device?.Endpoint, device?.Name, maker, name, camera.Events is not null, streams);
        }
        catch (SourceException broken)
        {
            return new(
                address.Places[0].AbsoluteUri, device?.Endpoint, device?.Name, null, null, false, [], broken.Fault.Label, broken.Message);
        }
    }

    private async Task<IReadOnlyList<ListedStream>> MarkAsync(
        IReadOnlyList<OnvifProfile> profiles, OnvifLogin? login, CancellationToken cancel)
    {
        var choices = profiles.GroupBy(profile => profile.Source)
            .Select(lens => StreamChoice.Of([.. lens], model.Size, model.Interval)!).ToDictionary(choice => choice.Profile);
        var streams = new List<ListedStream>();
        foreach (var profile in profiles)
        {
            var choice = choices.GetValueOrDefault(profile);
            streams.Add(new(profile, await CostAsync(profile, login, cancel), choice is not null, choice?.Lacks));
        }

        return streams;
    }

    // One after the other: streams that are decoded side by side cost more than each alone.
    private async Task<DecodeCost> CostAsync(OnvifProfile profile, OnvifLogin? login, CancellationToken cancel)
    {
        var estimate = costs.Of(profile.Codec, profile.Size, profile.Fps, profile.BitsPerSecond);
        if (measure is null)
        {
            return estimate;
        }

        var scheme = profile.Address.IndexOf("://", StringComparison.Ordinal) + 3;
        var url = login is null ? profile.Address : profile.Address.Insert(
            scheme, $"{Uri.EscapeDataString(login.User)}:{Uri.EscapeDataString(login.Password.Reveal() ?? "")}@");
        try
        {
            return await measure.CostAsync(
                new SourceOptions { Url = url }, new FrameSpec(model.Interval, model.Size, model.Fit), cancel);
        }
        catch (SourceException broken) when (broken.Fault != SourceFault.NoFfmpeg)
        {
            return estimate; // told as an estimate
        }
    }
}
