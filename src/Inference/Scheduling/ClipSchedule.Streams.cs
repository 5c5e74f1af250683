using ActionStream.Core.Results;
using ActionStream.Core.Stages;

namespace ActionStream.Inference.Scheduling;

/// <content>Streams come, change and go while the workers run.</content>
public sealed partial class ClipSchedule
{
    /// <summary>What the streams ask for. Another list whenever that changes, so that who holds one can tell.</summary>
    public IReadOnlyList<StreamDemand> Demands { get; private set; } = [];

    /// <summary>Takes windows of one more stream. It owes nothing to the others and they nothing to it.</summary>
    public void Add(StreamDemand demand)
    {
        lock (_lock)
        {
            _streams.Add(demand.Stream, new StreamQueue(demand) { VirtualTime = _virtualTime });
            ShowStreams();
        }
    }

    /// <summary>Another deadline or priority for a stream whose windows go on.</summary>
    public void Change(StreamDemand demand)
    {
        lock (_lock)
        {
            _streams[demand.Stream].Demand = demand;
            ShowStreams();
        }
    }

    /// <summary>Sheds what waits of a stream and completes when nothing of it is worked on any more: from then
    /// on its name may be used again.</summary>
    public Task RemoveAsync(string stream)
    {
        lock (_lock)
        {
            if (!_streams.Remove(stream, out var queue))
            {
                return Task.CompletedTask;
            }

            ShedAll(queue);
            ShowStreams();
            return queue.IdleAsync();
        }
    }

    /// <summary>Takes in only every n-th window of a stream from here on; 0 pauses it.</summary>
    public void HopMultiplier(string stream, int factor)
    {
        lock (_lock)
        {
            if (_streams.TryGetValue(stream, out var queue)) // else it left a moment ago
            {
                queue.HopMultiplier = factor;
            }
        }
    }

    /// <summary>The workers have left: answers that wait for others are given up.</summary>
    internal async Task ClearAnswersAsync(IStageWriter<ClipScores> scores)
    {
        StreamQueue[] all;
        lock (_lock)
        {
            all = _all;
        }

        foreach (var queue in all)
        {
            await queue.Answers.ClearAsync(scores);
        }
    }

    private void ShowStreams()
    {
        _all = [.. _streams.Values];
        Demands = [.. _all.Select(queue => queue.Demand)];
    }
}
