using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using ActionStream.Core.Results;
using ActionStream.Publish.Events;

namespace ActionStream.Host.Web.Live;

/// <summary>What the live page is told, as server-sent events: a name and a line of JSON.</summary>
internal static class LiveMessages
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DictionaryKeyPolicy = null,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    /// <summary>Keeps the connection from looking dead to whatever lies between.</summary>
    public static ReadOnlyMemory<byte> Heartbeat { get; } = ": still here\n\n"u8.ToArray();

    public static ReadOnlyMemory<byte> Of<T>(string name, T content)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(content, Json);
        var message = new byte[name.Length + json.Length + "event: \ndata: \n\n".Length];
        var at = Encoding.ASCII.GetBytes($"event: {name}\ndata: ", message);
        json.CopyTo(message, at);
        "\n\n"u8.CopyTo(message.AsSpan(at + json.Length));
        return message;
    }
}

/// <summary>Everything a browser needs to begin.</summary>
/// <param name="Zone">By which schedules go.</param>
internal sealed record LiveHello(
    string Node, string Version, long Time, string Zone, LiveModel? Model, IReadOnlyList<LiveCameraState> Cameras,
    IReadOnlyList<LiveEvent> Events);

/// <param name="Tokens">Maps of attention that can be shown; 0 for none.</param>
internal sealed record LiveModel(string Name, bool Trained, string Device, int Labels, int Tokens);

/// <param name="Enter">Lowest score from which a class is detected, for the line through the trace.</param>
internal sealed record LiveCameraState(
    string Key, string Name, double Enter, StreamState State, string? Reason, long Since, double Fps)
{
    /// <summary>Score from which each class that makes events is detected, for the mark on its bar.</summary>
    public IReadOnlyDictionary<string, double> Thresholds { get; init; } = new Dictionary<string, double>();

    /// <summary>It is there, and not decoded because nothing happens in it.</summary>
    public bool Asleep { get; init; }

    /// <summary>When it fell asleep or woke; null where nobody asks whether it may sleep.</summary>
    public long? SleepSince { get; init; }

    public IReadOnlyList<string> AwakeBecause { get; init; } = [];

    /// <summary>What ended its last sleep.</summary>
    public IReadOnlyList<string> WokenBy { get; init; } = [];
}

/// <param name="Time">End of the window, ms since 1970.</param>
/// <param name="Latency">Milliseconds by stage, in order: capture, window, queue, infer, post, publish.</param>
internal sealed record LiveScores(
    string Camera, long Time, IReadOnlyList<LabelScore> Top, IReadOnlyList<string> Detected, IReadOnlyList<double> Latency, double Quality)
{
    public static LiveScores Of(in Decision decision) => new(
        decision.Stream, decision.End.ToUnixTimeMilliseconds(),
        [.. decision.TopK.Select(one => new LabelScore(one.Label, Math.Round(one.Score, 3)))],
        decision.Detected,
        [
            Ms(decision.Latency.Capture), Ms(decision.Latency.Window), Ms(decision.Latency.Queue),
            Ms(decision.Latency.Infer), Ms(decision.Latency.Post), Ms(decision.Latency.Publish),
        ],
        Math.Round(decision.Quality.Score, 2));

    private static double Ms(TimeSpan time) => Math.Round(time.TotalMilliseconds, 2);
}

/// <param name="Time">When it was told, ms since 1970.</param>
internal sealed record LiveEvent(
    EventType Type, string Id, string Camera, string Label, double Score, double TopScore, long Start, long? End, double Duration,
    EndReason? Reason, long Time)
{
    /// <summary>Where its frames are, once they are there.</summary>
    public string? SnapshotUrl { get; init; }

    public string? ContactSheetUrl { get; init; }

    public static LiveEvent Of(ActionEvent step, DateTimeOffset now) => new(
        step.Type, step.Id, step.Stream, step.Label, Math.Round(step.Score, 3), Math.Round(step.TopScore, 3),
        step.Start.ToUnixTimeMilliseconds(),
        step.End?.ToUnixTimeMilliseconds(), Math.Round(step.Duration.TotalSeconds, 2), step.Reason, now.ToUnixTimeMilliseconds());
}
