namespace ActionStream.Inference.Batching;

/// <summary>The largest batch that fits into the device's memory, as far as is known: halved when one did not, doubled again
/// after a while, because others use that memory too.</summary>
/// <remarks>From any thread.</remarks>
public sealed class BatchCap(BatchPolicy full, TimeProvider time)
{
    /// <summary>A batch that fails costs its clips one more run: seldom enough not to matter, often enough to get back.</summary>
    public static readonly TimeSpan TriesAgainAfter = TimeSpan.FromMinutes(5);

    private readonly Lock _lock = new();
    private BatchPolicy? _capped; // null while there is no cap
    private long _changedAt;

    /// <summary>The rules without a cap.</summary>
    public BatchPolicy Full => full;

    /// <summary>The rules with the cap that is in force.</summary>
    public BatchPolicy Policy
    {
        get
        {
            if (_capped is null)
            {
                return full;
            }

            lock (_lock)
            {
                if (_capped is { } capped && time.GetElapsedTime(_changedAt) >= TriesAgainAfter)
                {
                    Set(capped.MaxSize * 2);
                }

                return _capped ?? full;
            }
        }
    }

    /// <summary>A batch of so many clips did not fit.</summary>
    /// <returns>The cap from here on.</returns>
    public int Lower(int failed)
    {
        lock (_lock)
        {
            Set(Math.Min((_capped ?? full).MaxSize, HalfOf(failed)));
            return (_capped ?? full).MaxSize;
        }
    }

    /// <summary>The larger half, at least 1.</summary>
    public static int HalfOf(int clips) => Math.Max(1, (clips + 1) / 2);

    private void Set(int size) =>
        (_capped, _changedAt) = (size >= full.MaxSize ? null : full with { MaxSize = size }, time.GetTimestamp());
}
