using ActionStream.Core.Configuration;
using ActionStream.Core.Modelling;
using ActionStream.Inference.Configuration;
using ActionStream.Inference.Scheduling;
using ActionStream.Ingest.Onvif;
using ActionStream.Ingest.Sources;
using ActionStream.Ingest.Windowing;
using ActionStream.Publish.Events;
using ActionStream.Publish.Events.Zones;

namespace ActionStream.Host.Configuration;

/// <summary>One camera: where it is, how often to decide, what to make of it.</summary>
public sealed record CameraOptions : SourceOptions
{
    /// <summary>What people call it; its key unless set.</summary>
    public string? Name { get; init; }

    /// <summary>False leaves it out without losing its settings.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Sampled frames from one decision to the next: with an interval of 125ms, 2 makes four decisions a second. A quarter of
    /// the model's frames unless set.</summary>
    public int? Hop { get; init; }

    /// <summary>Time between two sampled frames, where it should differ from what the model was trained on.</summary>
    public TimeSpan? Interval { get; init; }

    /// <summary>Latency budget: age, from the arrival of its last frame, at which an answer is not worth computing;
    /// model.batch.deadline unless set.</summary>
    public TimeSpan? Deadline { get; init; }

    /// <summary>Who is shed first when the machine cannot do all: low, normal, high.</summary>
    public Priority Priority { get; init; } = Priority.Normal;

    /// <summary>Named parts of the frame: events say in which of them the model looked, and classes can be limited to some.</summary>
    public IReadOnlyDictionary<string, ZoneOptions> Zones { get; init; } = new Dictionary<string, ZoneOptions>();

    /// <summary>Width to height of the whole frame as it is shown, such as 16:9. Only zones need it, and only with a model
    /// whose card says fit: crop or pad.</summary>
    public string Aspect { get; init; } = "16:9";

    /// <summary>Where the camera itself reports motion by ONVIF, such as http://10.0.0.11/onvif/device_service: its motion is one more
    /// reason to be awake. The url's login unless it has its own. None unless set.</summary>
    public string? Onvif { get; init; }

    /// <summary>When scores become events.</summary>
    public EventOptions Events { get; init; } = new();

    /// <summary>Where motion is reported, with the login that stands there or in the stream's address; null for nowhere.</summary>
    public OnvifAddress? MotionFrom => Onvif is null || OnvifAddress.Parse(Onvif) is not { } address
        ? null
        : address with { Login = address.Login ?? OnvifLogin.OfAddress(Url) };

    public WindowOptions Window => new() { Hop = Hop, Interval = Interval };

    /// <summary>What it asks of the scheduler.</summary>
    public StreamDemand DemandOf(string stream, ModelInput model, BatchOptions batch)
    {
        var window = Window.For(model);
        return new(stream, window.Hop, window.Interval, Deadline ?? batch.Deadline, Priority);
    }

    /// <summary>What can be told without the model; the rest is told by <see cref="CheckAgainst"/>.</summary>
    public void CheckCamera(ConfigCheck check)
    {
        Check(check);
        check.Expect(Hop is null or >= 1, Hop, "1 to the model's frames per clip");
        check.Expect(
            Deadline is null || Deadline == TimeSpan.Zero
                || (Deadline >= TimeSpan.FromMilliseconds(10) && Deadline <= TimeSpan.FromMinutes(1)),
            Deadline, "10ms to 1m, 0s for none, or nothing");
        if (Onvif is not null && OnvifAddress.Parse(Onvif) is null)
        {
            check.Report(nameof(Onvif), OnvifAddress.WhyNot(Onvif));
        }

        check.Expect(CameraZones.TryParse(Aspect, out _), Aspect, "width:height, such as 16:9");
        ZoneOptions.Check(check.At(nameof(Zones)), Zones);
        Events.CheckZones(check.At(nameof(Events)), [.. Zones.Keys]);
        check.Expect(Name is null or { Length: > 0 and <= 100 }, Name, "1 to 100 characters, or nothing");
        Events.Check(check.At(nameof(Events)));
    }

    public void CheckAgainst(ModelCard card, ConfigCheck check)
    {
        if (Hop is null or >= 1)
        {
            Window.Check(check, card.Input);
        }

        CameraZones.CheckAgainst(card, this, check.At(nameof(Zones)));
        Events.CheckLabels(check.At(nameof(Events)), card);
    }
}
