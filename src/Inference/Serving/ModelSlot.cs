using System.Collections.Concurrent;
using System.Threading.Channels;
using ActionStream.Core.Media;
using ActionStream.Inference.Batching;
using ActionStream.Inference.Scheduling;
using ActionStream.Inference.Scoring;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActionStream.Inference.Serving;

/// <summary>The model that the workers run at present, with a scorer for each. Another one takes its place while no worker is
/// busy; for a while there may be none.</summary>
/// <remarks>
/// It owns the scorers because they hold memory of the session: they have to go before it does, and a worker that waits for
/// windows could not let go of its own.
/// </remarks>
public sealed partial class ModelSlot : IClipCosts, IDisposable
{
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<int, BatchScorer> _scorers = new();
    private readonly ConcurrentDictionary<string, bool> _attended = new(StringComparer.Ordinal);
    private readonly Channel<ModelFault> _faults = Channel.CreateBounded<ModelFault>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Lock _closing = new();
    private volatile Tenancy _now;

    /// <param name="model">Is disposed with it, or when another takes its place.</param>
    /// <param name="policy">Other rules of batching than the first model's own.</param>
    public ModelSlot(IClipModel model, TimeProvider time, BatchPolicy? policy = null) =>
        (_time, _now) = (time, new(model, new(policy ?? model.Policy, time)));

    /// <summary>The model there is, or was until its runs failed.</summary>
    public IClipModel Model => _now.Model;

    public bool IsEmpty => _now.IsOver;

    /// <summary>The rules of batching at present: the model's, with the cap that memory sets.</summary>
    public BatchPolicy Policy => _now.Cap.Policy;

    public ModelCosts Costs => _now.Model.Costs;

    /// <summary>Called before a model's sessions are closed: who else runs them has to let go.</summary>
    public Action? Leaving { get; set; }

    /// <summary>Called when another model is there.</summary>
    public Action? Arrived { get; set; }

    /// <summary>Where it says what those who were told made of it.</summary>
    public ILogger Log { get; init; } = NullLogger.Instance;

    /// <summary>Models whose runs fail for good, one at a time.</summary>
    public ChannelReader<ModelFault> Faults => _faults.Reader;

    public ClipWork WorkOf(Clip clip) => _now.Model.WorkOf(clip);

    /// <summary>Drops what is kept of a stream, once none of its windows is under way.</summary>
    public void Forget(string stream) => _now.Model.Forget(stream);

    /// <summary>Says whether a stream's answers are to tell where the model looked: this one, and those that follow it.</summary>
    public void WantAttention(string stream, bool isWanted)
    {
        if (isWanted)
        {
            _attended[stream] = true;
        }
        else
        {
            _attended.TryRemove(stream, out _);
        }

        if (!IsEmpty)
        {
            _now.Model.WantAttention(stream, isWanted);
        }
    }

    /// <summary>Takes the model away and closes its sessions. No worker may be busy.</summary>
    public void Empty()
    {
        if (!IsEmpty)
        {
            _now.IsOver = true;
            Tell(Leaving);
            CloseScorers();
            _now.Model.Dispose();
        }
    }

    /// <summary>Puts a model in, in the place of the one there is. No worker may be busy.</summary>
    public void Put(IClipModel next)
    {
        foreach (var stream in _attended.Keys)
        {
            next.WantAttention(stream, true);
        }

        Empty();

        while (_faults.Reader.TryRead(out _))
        {
            // Of the one before.
        }

        _now = new(next, new(next.Policy, _time));
        Tell(Arrived);
    }

    /// <summary>Asks all runs that are under way to end without an answer. From any thread.</summary>
    public void Terminate()
    {
        lock (_closing)
        {
            foreach (var scorer in _scorers.Values)
            {
                scorer.Terminate();
            }
        }
    }

    public void Dispose() => Empty();

    /// <summary>The scorer of a worker, opened on its thread when it is first needed.</summary>
    internal BatchScorer ScorerOf(int worker) =>
        _scorers.GetOrAdd(
            worker, static (_, now) => new BatchScorer(now.Model, now.Model.OpenScorer(now.Cap.Full)), _now);

    /// <summary>A worker leaves.</summary>
    internal void Close(int worker)
    {
        lock (_closing)
        {
            if (_scorers.TryRemove(worker, out var scorer))
            {
                scorer.Dispose();
            }
        }
    }

    internal void Succeeded() => _now.Record.Succeeded();

    /// <summary>A run failed.</summary>
    /// <returns>True if there is no use in another.</returns>
    internal bool Failed(ScoringException failed)
    {
        var now = _now;
        if (!now.Record.Failed(failed))
        {
            return false;
        }

        _faults.Writer.TryWrite(new(now.Model, failed));
        return true;
    }

    /// <summary>A batch of so many clips did not fit into the device's memory.</summary>
    /// <returns>How many may go together from here on.</returns>
    internal int LowerCap(int failed) => _now.Cap.Lower(failed);

    // Who looks on must not decide whether a model leaves or stays.
    private void Tell(Action? onlookers)
    {
        foreach (var onlooker in Delegate.EnumerateInvocationList(onlookers))
        {
            try
            {
                onlooker();
            }
            catch (Exception failed)
            {
                LogOnlooker(Log, failed, _now.Model.Card.Name);
            }
        }
    }

    private void CloseScorers()
    {
        foreach (var worker in _scorers.Keys)
        {
            Close(worker);
        }
    }

    [LoggerMessage(LogLevel.Error, "What goes with model {Name} could not be changed with it; please report it")]
    private static partial void LogOnlooker(ILogger log, Exception failed, string name);

    private sealed record Tenancy(IClipModel Model, BatchCap Cap)
    {
        public RunRecord Record { get; } = new();

        public volatile bool IsOver;
    }
}
