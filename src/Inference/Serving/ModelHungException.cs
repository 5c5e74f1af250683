namespace ActionStream.Inference.Serving;

/// <summary>A run of the model has not returned: only another process can go on.</summary>
public sealed class ModelHungException(TimeSpan elapsed, TimeSpan limit, string device) : Exception(FormattableString.Invariant(
    $"a run of the model on {device} has not returned for {elapsed.TotalSeconds:f0} s; expected within {limit.TotalSeconds:f0} s. ")
    + "The service leaves so that its supervisor starts it anew; if it happens again, look at the device (nvidia-smi, dmesg) and the model")
{
    public TimeSpan Elapsed { get; } = elapsed;
}
