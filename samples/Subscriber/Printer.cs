using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Subscriber;

/// <summary>Makes a line of each message: what started, what ended, and how cameras and nodes are.</summary>
internal sealed class Printer(string prefix, TextWriter output, TextWriter notes, TimeProvider time)
{
    private readonly Sequence _sequence = new();
    private readonly Dictionary<string, string> _cameras = [];

    public void Print(string topic, in ReadOnlySequence<byte> payload)
    {
        if (!topic.StartsWith(prefix + "/", StringComparison.Ordinal) || topic[(prefix.Length + 1)..].Split('/') is not [var who, var kind])
        {
            return;
        }

        try
        {
            if (kind == "events")
            {
                var reader = new Utf8JsonReader(payload);
                Print(JsonSerializer.Deserialize(ref reader, MessagesJson.Default.ActionMessage)!);
            }
            else if (kind == "status")
            {
                PrintStatus(who, payload);
            }
        }
        catch (JsonException unreadable)
        {
            notes.WriteLine($"subscriber: a message on {topic} cannot be read: {unreadable.Message}"); // the next one may be good
        }
    }

    private void Print(ActionMessage message)
    {
        var missing = _sequence.Missing(message.Camera, message.BootId, message.Seq);
        if (missing < 0)
        {
            return; // delivered twice
        }

        if (missing > 0)
        {
            notes.WriteLine($"subscriber: {missing} messages of {message.Camera} are missing before number {message.Seq}");
        }

        var tail = $"{(message.Late ? "  late" : Latency(message))}  {message.EventId}";
        switch (message.Type) // `update`, and words that later versions may have, are passed over
        {
            case "start":
                output.WriteLine(FormattableString.Invariant(
                    $"started  {message.Camera}  {message.Label}  score {message.Score:0.00}{tail}"));
                break;
            case "end":
                output.WriteLine(FormattableString.Invariant(
                    $"ended    {message.Camera}  {message.Label}  after {message.Duration:0.0} s, at most {message.TopScore:0.00}")
                    + $", because of {message.EndReason}{tail}");
                break;
        }
    }

    /// <summary>What the service measured, and what we see from the end of the window to here; two machines have two clocks.</summary>
    private string Latency(ActionMessage message)
    {
        if (message is not { LatencyMs: { } took, Window: { } window })
        {
            return "";
        }

        var here = time.GetUtcNow().ToUnixTimeMilliseconds() - window.End * 1000;
        return FormattableString.Invariant($"  latency {took.Total:0} ms (model {took.Infer:0} ms), here after {here:0} ms");
    }

    /// <summary>A camera's status is JSON; a node's is one bare word on a topic of the same shape.</summary>
    private void PrintStatus(string who, in ReadOnlySequence<byte> payload)
    {
        var text = Encoding.UTF8.GetString(payload);
        if (text is "online" or "offline")
        {
            output.WriteLine($"node     {who}  {text}");
        }
        else if (text.Length > 0) // an empty one means that the camera was taken out of the configuration
        {
            var status = JsonSerializer.Deserialize(text, MessagesJson.Default.CameraStatus)!;
            var line = $"camera   {who}  {status.State}{(status.Reason is { } reason ? $" ({reason})" : "")}";
            if (_cameras.GetValueOrDefault(who) != line) // it also comes when only the frame rate has changed
            {
                _cameras[who] = line;
                output.WriteLine(line);
            }
        }
    }
}
