namespace ActionStream.Inference.Serving;

/// <summary>A run of the model has not returned: only another process can go on.</summary>
/// <param name="limit">Within which it was to return; null where it only had to end because all ends.</param>
public sealed class ModelHungException(TimeSpan elapsed, TimeSpan? limit, string device) : Exception(FormattableString.Invariant(
    $"a run of the model on {device} has not returned for {elapsed.TotalSeconds:f0} s; {Expected(limit)}. ")
    + "The service leaves so that its supervisor starts it anew; if it happens again, look at the device (nvidia-smi, dmesg) and the model")
{
    public TimeSpan Elapsed { get; } = elapsed;

    private static string Expected(TimeSpan? limit) => limit is { } span
        ? FormattableString.Invariant($"expected within {span.TotalSeconds:f0} s")
        : "it did not end when it was asked to, for the service is to stop";
}
