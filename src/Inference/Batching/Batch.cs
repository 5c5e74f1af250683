using System.Runtime.InteropServices;
using ActionStream.Core.Media;
using ActionStream.Inference.Scheduling;

namespace ActionStream.Inference.Batching;

/// <summary>Clips that go through the model together, with their places in their streams. Disposing it disposes them.</summary>
public sealed class Batch(int capacity) : IDisposable
{
    private readonly List<Clip> _clips = new(capacity);
    private readonly List<SequenceNumber> _numbers = new(capacity);

    public int Count => _clips.Count;

    public ReadOnlySpan<Clip> Clips => CollectionsMarshal.AsSpan(_clips);

    /// <summary>Time stamp when a session began on the first of them.</summary>
    public long TakenAt { get; private set; }

    /// <summary>What they ask of the model together, as known when each was taken.</summary>
    public ClipWork Work { get; private set; }

    /// <summary>Time stamp by which the most urgent of them must be answered.</summary>
    public long Deadline { get; private set; } = long.MaxValue;

    internal SequenceNumber NumberOf(int index) => _numbers[index];

    internal void Add(Clip clip, SequenceNumber number, ClipWork work, long deadline, long takenAt)
    {
        TakenAt = _clips.Count == 0 ? takenAt : TakenAt;
        Work += work;
        Deadline = Math.Min(Deadline, deadline);
        _clips.Add(clip);
        _numbers.Add(number);
    }

    public void Dispose()
    {
        foreach (var clip in _clips)
        {
            clip.Dispose();
        }

        _clips.Clear();
        _numbers.Clear();
        (Work, Deadline) = (default, long.MaxValue);
    }
}
