using ActionStream.Core.Media;

namespace ActionStream.Inference.Scheduling;

/// <summary>One stream in the schedule: its waiting windows and its share of service so far.</summary>
internal sealed class StreamQueue(StreamDemand demand)
{
    private TaskCompletionSource? _idle;

    public StreamDemand Demand { get; set; } = demand;

    /// <summary>Windows that wait, oldest first.</summary>
    public Queue<Clip> Waiting { get; } = [];

    /// <summary>Windows being worked on.</summary>
    public int InFlight { get; set; }

    /// <summary>
    /// As in fair queueing: seconds of the stream that were served, one period per window taken. Equal for all while there
    /// is too much work.
    /// </summary>
    public double VirtualTime { get; set; }

    /// <summary>Only every n-th window of the hop is taken in; 0 takes in none.</summary>
    public int HopMultiplier { get; set; } = 1;

    /// <summary>Number for the next clip that is taken.</summary>
    public long Taken { get; set; }

    /// <summary>Answers until they may leave. Guards itself; all else here is guarded by the schedule's lock.</summary>
    public ReorderBuffer Answers { get; } = new();

    /// <summary>Completes when no window is being worked on.</summary>
    public Task IdleAsync()
    {
        _idle ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
        TellIfIdle();
        return _idle.Task;
    }

    public void TellIfIdle()
    {
        if (InFlight == 0)
        {
            _idle?.TrySetResult();
        }
    }
}

/// <summary>A clip's place in its stream: its answer leaves after those of all lower numbers.</summary>
/// <param name="Window">Running number of the clip within its stream, from 0.</param>
internal readonly record struct SequenceNumber(StreamQueue Queue, long Window);
