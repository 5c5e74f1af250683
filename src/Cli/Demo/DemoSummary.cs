using ActionStream.Host;

namespace ActionStream.Cli.Demo;

/// <summary>What a demo did, in numbers.</summary>
/// <param name="Frames">Read from the clip that plays the camera, after thinning to the model's grid.</param>
/// <param name="Clips">Windows made of them.</param>
/// <param name="Decisions">Windows that were classified.</param>
/// <param name="Detections">Labels past their threshold, summed over all decisions.</param>
/// <param name="Events">Event messages: starts, updates and ends.</param>
/// <param name="MqttPublished">Messages that the broker accepted.</param>
/// <param name="MqttReceived">Messages that came back to a subscriber of its own.</param>
/// <param name="Dropped">What was shed, by reason; every reason that occurs is listed.</param>
/// <param name="LatencyMs">From capture of a window's last frame until its scores came back from the broker.</param>
/// <param name="StagesMs">Median per stage.</param>
/// <param name="Model">The card's name.</param>
/// <param name="Trained">False if the model's labels mean nothing.</param>
/// <param name="Agreement">Share of the clip's seconds in which the leading label is the true one, judged as
/// <see cref="Demo.Agreement"/> says; null if none was judged.</param>
/// <param name="Device">Where it ran.</param>
internal sealed record DemoSummary(
    double Seconds,
    long Frames,
    long Clips,
    long Decisions,
    long Detections,
    long Events,
    long MqttPublished,
    long MqttReceived,
    IReadOnlyDictionary<string, long> Dropped,
    Percentiles LatencyMs,
    IReadOnlyDictionary<string, double> StagesMs,
    string Model,
    bool Trained,
    double? Agreement,
    int AgreedSeconds,
    int JudgedSeconds,
    string Device);
