namespace ActionStream.Core.Stages;

/// <summary>What is shed when a stage cannot keep up with the one before it.</summary>
public enum DropPolicy
{
    /// <summary>Nothing: the writer waits, so backpressure travels upstream.</summary>
    None,

    /// <summary>The item that has waited longest. Right for live video, where newer is worth more.</summary>
    Oldest,

    /// <summary>The item being offered. Right where a kept run must stay unbroken.</summary>
    Incoming,
}
