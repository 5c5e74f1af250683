namespace ActionStream.Core.Results;

/// <summary>Whether there is a model to ask: a closed set, in the words of the messages.</summary>
public enum ModelState
{
    /// <summary>It runs where it was asked to.</summary>
    Ready,

    /// <summary>Its device is gone, and it runs on the CPU meanwhile.</summary>
    Fallback,

    /// <summary>Its runs fail for good; nothing is decided until it is back.</summary>
    Lost,
}

/// <summary>How the model is.</summary>
/// <param name="Device">Where it runs, or ran: cpu, cuda:0.</param>
/// <param name="Reason">What the device or the model said; null while all is well.</param>
public sealed record ModelStatus(ModelState State, string Device, string? Reason = null);
