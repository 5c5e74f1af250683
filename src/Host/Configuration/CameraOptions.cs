using ActionStream.Core.Configuration;
using ActionStream.Ingest;
using ActionStream.Publish.Rolling;

namespace ActionStream.Host.Configuration;

/// <summary>One camera: where it is, how often to decide, what to make of it.</summary>
public sealed record CameraOptions : SourceOptions
{
    /// <summary>What people call it; its key unless set.</summary>
    public string? Name { get; init; }

    /// <summary>False leaves it out without losing its settings.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Sampled frames from one decision to the next: with the model's interval of 125ms, 2 makes four decisions a second.</summary>
    public int Hop { get; init; } = 2;

    /// <summary>When scores become events.</summary>
    public EventOptions Events { get; init; } = new();

    public void CheckCamera(ConfigCheck check)
    {
        Check(check);
        check.Expect(Hop is >= 1 and <= 256, Hop, "1 to the model's frames per clip");
        check.Expect(Name is null or { Length: > 0 and <= 100 }, Name, "1 to 100 characters, or nothing");
        Events.Check(check.At(nameof(Events)));
    }
}
