using ActionStream.EndToEnd.Support;

namespace ActionStream.EndToEnd.Measurements.Chaos;

/// <summary>Holds what a subscriber heard of events against what docs/mqtt.md promises: one start, one end, none in between two,
/// and no message missing.</summary>
internal sealed class EventLedger
{
    private sealed record Step(string Camera, string Label, string Id, string Type, string Boot, long Seq, string? Reason);

    private readonly List<string> _faults = [];

    /// <param name="inOrder">Cameras whose messages must count up without a gap: those that are never taken out.</param>
    public EventLedger(IEnumerable<Listener.Message> messages, Func<string, bool> inOrder)
    {
        // At least once: what comes again says the same and is no fault.
        var steps = messages.Where(message => message.Topic.EndsWith("/events", StringComparison.Ordinal)).Select(Read).Distinct().ToList();
        Started = steps.Count(step => step.Type == "start");
        Ended = steps.Count(step => step.Type == "end");
        Reasons = steps.Where(step => step.Type == "end").GroupBy(step => step.Reason ?? "none")
            .ToDictionary(group => group.Key, group => group.Count());
        foreach (var one in steps.GroupBy(step => step.Id))
        {
            JudgeEvent(one.Key, [.. one]);
        }

        foreach (var camera in steps.GroupBy(step => (step.Camera, step.Boot)).Where(camera => inOrder(camera.Key.Camera)))
        {
            JudgeOrder(camera.Key.Camera, [.. camera]);
        }
    }

    public int Started { get; }

    public int Ended { get; }

    public IReadOnlyDictionary<string, int> Reasons { get; }

    public IReadOnlyList<string> Faults => _faults;

    private static Step Read(Listener.Message message)
    {
        var json = message.Json;
        string Text(string name) => json.GetProperty(name).GetString()!;
        return new(
            Text("camera"), Text("label"), Text("event_id"), Text("type"), Text("boot_id"), json.GetProperty("seq").GetInt64(),
            json.GetProperty("end_reason").GetString());
    }

    private void JudgeEvent(string id, IReadOnlyList<Step> steps)
    {
        var types = string.Join(' ', steps.Select(step => step.Type).Where(type => type != "update"));
        if (types != "start end")
        {
            _faults.Add($"event {id}: heard \"{types}\" where \"start end\" is promised");
        }
        else if (steps[0].Type != "start" || steps[^1].Type != "end")
        {
            _faults.Add($"event {id}: an update outside start and end: {string.Join(' ', steps.Select(step => step.Type))}");
        }
    }

    private void JudgeOrder(string camera, IReadOnlyList<Step> steps)
    {
        var open = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < steps.Count; i++)
        {
            var step = steps[i];
            if (i > 0 && step.Seq != steps[i - 1].Seq + 1)
            {
                _faults.Add($"{camera}: message {step.Seq} after {steps[i - 1].Seq}");
            }

            if (step.Type == "start" && !open.TryAdd(step.Label, step.Id))
            {
                _faults.Add($"{camera}: event {step.Id} begins while {open[step.Label]} is open");
            }
            else if (step.Type == "end")
            {
                open.Remove(step.Label);
            }
        }
    }
}
