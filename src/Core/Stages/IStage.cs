namespace ActionStream.Core.Stages;

/// <summary>A part of the pipeline that takes what the one before made and gives what it makes to the next.</summary>
/// <remarks>
/// Whatever it takes it passes on, or it disposes and counts it with a reason. It reports four things: how much came, how
/// much was dropped, how long it took and how full its queue is. Tests hold every stage to it.
/// </remarks>
public interface IStage
{
    /// <summary>
    /// Runs until the input is complete, then completes the output, also when it fails. An output shared with others is
    /// completed by whoever runs them all.
    /// </summary>
    /// <param name="cancel">Leave now: what is half done is dropped, and the queues' owner disposes what waits in them.</param>
    Task RunAsync(CancellationToken cancel);
}
