using System.Xml.Linq;

namespace ActionStream.Ingest.Onvif;

/// <summary>What a camera's messages say of motion, each of its rules and lenses for itself. Not thread-safe.</summary>
public sealed class MotionState
{
    /// <summary>The topics that mean motion, without the prefixes that makers choose.</summary>
    public static readonly IReadOnlyList<string> Topics = ["RuleEngine/CellMotionDetector/Motion", "VideoSource/MotionAlarm"];

    // Rules are few; a camera that names a new one with every message is not believed for ever.
    private const int Most = 64;

    private readonly HashSet<string> _moving = new(StringComparer.Ordinal);

    /// <summary>True while any of them reports motion.</summary>
    public bool IsMoving => _moving.Count > 0;

    /// <summary>Takes one NotificationMessage; what is no motion topic is passed over.</summary>
    public void Take(XElement notification)
    {
        var topic = TopicOf(notification.TextBelow("Topic") ?? "");
        if (!Topics.Contains(topic) || notification.Below("Message", "Message") is not { } message)
        {
            return;
        }

        var source = string.Join(
            ' ', Items(message, "Source").OrderBy(item => item.Name, StringComparer.Ordinal).Select(item => $"{item.Name}={item.Value}"));
        var key = $"{topic} {source}";
        var isOn = message.Attribute("PropertyOperation")?.Value != "Deleted"
            && Items(message, "Data").Any(item => item.Name is "IsMotion" or "State" && item.Value is "true" or "1");
        if (isOn && _moving.Count < Most)
        {
            _moving.Add(key);
        }
        else if (!isOn)
        {
            _moving.Remove(key);
        }
    }

    /// <summary>The connection is gone: nothing is known.</summary>
    public void Clear() => _moving.Clear();

    private static string TopicOf(string text) =>
        string.Join('/', text.Split('/').Select(step => step[(step.LastIndexOf(':') + 1)..].Trim()));

    private static IEnumerable<(string Name, string Value)> Items(XElement message, string group) =>
        (message.Below(group)?.AllBelow("SimpleItem") ?? []).Select(item =>
            (item.Attribute("Name")?.Value ?? "", item.Attribute("Value")?.Value.Trim() ?? ""));
}
