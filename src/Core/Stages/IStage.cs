namespace ActionStream.Core.Stages;

/// <summary>A part of the pipeline that turns one channel into another.</summary>
public interface IStage
{
    /// <summary>Runs until the input is complete, then completes the output. Also when it fails.</summary>
    Task RunAsync(CancellationToken cancel);
}
