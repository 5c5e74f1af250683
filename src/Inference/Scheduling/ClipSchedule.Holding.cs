using ActionStream.Core.Stages;

namespace ActionStream.Inference.Scheduling;

/// <content>Workers get nothing while the model is exchanged, and cameras are turned away while there is none.</content>
public sealed partial class ClipSchedule
{
    private TaskCompletionSource? _held;
    private bool _isHeld;
    private bool _isClosed;

    /// <summary>Windows wait from here on as if all workers were busy; completes when none is worked on.</summary>
    public Task HoldAsync()
    {
        lock (_lock)
        {
            _isHeld = true;
            _held ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            var held = _held.Task;
            TellIfHeld();
            return held;
        }
    }

    /// <summary>The same, with nothing to wait for: what waits and what comes is shed, and counts as nobody's load.</summary>
    public Task CloseAsync()
    {
        lock (_lock)
        {
            _isClosed = true;
            foreach (var queue in _all)
            {
                ShedAll(queue, DropReason.NoModel);
            }
        }

        return HoldAsync();
    }

    /// <summary>Workers get windows again.</summary>
    /// <param name="inFlight">Windows of one stream that may be worked on at once from here on; null for as many as before.</param>
    public void Open(int? inFlight = null)
    {
        lock (_lock)
        {
            (_isHeld, _isClosed) = (false, false);
            _options = _options with { InFlight = inFlight ?? _options.InFlight };
            _readable.WakeAll();
        }
    }

    private void TellIfHeld()
    {
        if (_isHeld && _inFlight == 0)
        {
            _held?.TrySetResult();
            _held = null;
        }
    }
}
