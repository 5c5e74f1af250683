namespace ActionStream.Core.Stages;

/// <summary>Where a stage puts what it makes, so that it need not know which kind of queue lies behind.</summary>
/// <remarks>Ownership moves on <see cref="WriteAsync"/>, even when it throws: the queue passes on, sheds and counts, or disposes.</remarks>
public interface IStageWriter<in T>
    where T : IDisposable
{
    /// <summary>Completes at once, unless the queue is full and may shed nothing.</summary>
    ValueTask WriteAsync(T item, CancellationToken cancel);

    /// <summary>Says that no more will come; readers finish what is queued and then stop.</summary>
    void Complete(Exception? fault = null);
}
