using ActionStream.Core.Media;
using ActionStream.Host.Configuration;
using ActionStream.Inference.Batching;
using ActionStream.Inference.Metrics;
using ActionStream.Inference.Scheduling;
using ActionStream.Inference.Serving;
using ActionStream.Ingest;
using ActionStream.Ingest.Ffmpeg;
using ActionStream.Ingest.Onvif;
using ActionStream.Ingest.Sources;
using ActionStream.Publish;
using ActionStream.Publish.Events;
using Microsoft.Extensions.Logging;

namespace ActionStream.Host.Cameras;

/// <summary>Everything that knows cameras by name, so that one can be put in and taken out everywhere.</summary>
/// <param name="Source">Where a camera's frames come from; null or a null answer for ffmpeg.</param>
internal sealed record CameraParts(
    LoadedConfiguration LoadedConfiguration, ModelSlot Model, ClipSchedule Schedule, InferenceMeter Inference, PublishStage Publisher,
    IngestServices Ingest, Func<string, IFrameSource?> Source)
{
    /// <summary>The camera's way from its address to its clips.</summary>
    public IngestStage Build(string key, CameraOptions camera, CameraSwitch power, int firstEpoch)
    {
        var input = LoadedConfiguration.Card.Input;
        return IngestStage.Create(
            key, camera, camera.Window.For(input),
            new FrameSpec(camera.Interval ?? input.Interval, input.Size, input.Fit), Ingest, Schedule,
            Publisher, Source(key), power, firstEpoch, camera.Events.LongestMinDuration);
    }

    /// <summary>Who listens to what the camera itself reports as motion; null where it is not asked.</summary>
    public OnvifMotion? Motion(string key, CameraOptions camera) => camera.MotionFrom is { } address
        ? new(
            key, address, Ingest.Votes, ReconnectingSource.CameraBackoff, Ingest.Ffmpeg.Time, Ingest.Random,
            Ingest.Log.CreateLogger<OnvifMotion>())
        : null;

    /// <summary>Makes room for a camera everywhere behind its source.</summary>
    public void Register(string key, CameraOptions camera, int firstEpoch)
    {
        Inference.Expect(key);
        Model.WantAttention(key, camera.Zones.Count > 0);
        Schedule.Add(DemandOf(key, camera));
        Publisher.Add(Published(LoadedConfiguration, key, camera) with { FirstEpoch = firstEpoch });
    }

    /// <summary>Other settings for a camera whose frames and windows go on.</summary>
    public void Retune(string key, CameraOptions camera)
    {
        Schedule.Change(DemandOf(key, camera));
        Model.WantAttention(key, camera.Zones.Count > 0);
        Publisher.Add(Published(LoadedConfiguration, key, camera) with { GoesOn = true });
    }

    /// <summary>The same camera under another model, whose answers come from here on: what the one before saw in it ends.</summary>
    public void Change(string key, CameraOptions camera)
    {
        Schedule.Change(DemandOf(key, camera));
        Model.WantAttention(key, camera.Zones.Count > 0);
        Publisher.Add(Published(LoadedConfiguration, key, camera) with { GoesOn = true }, EndReason.ModelChanged);
    }

    /// <summary>Waits for what is under way of a stopped camera, then drops all that is kept of it: its next life
    /// must not meet this one's tokens.</summary>
    public async Task ForgetAsync(string key, CancellationToken cancel)
    {
        await Schedule.RemoveAsync(key).WaitAsync(cancel);
        Model.Forget(key);
        Model.WantAttention(key, false);
        Ingest.Meters.Forget(key);
    }

    /// <summary>The camera as the publisher needs to know it.</summary>
    public static PublishedStream Published(LoadedConfiguration loaded, string key, CameraOptions camera) =>
        new(key, loaded.Card, camera.Events)
        {
            Name = camera.Name,
            HasSnapshots = loaded.Options.Media.Mqtt,
            Zones = CameraZones.Of(camera, loaded.Card),
        };

    private StreamDemand DemandOf(string key, CameraOptions camera) =>
        camera.DemandOf(key, LoadedConfiguration.Card.Input, LoadedConfiguration.Options.Model.Batch);
}
