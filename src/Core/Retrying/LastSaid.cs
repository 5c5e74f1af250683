namespace ActionStream.Core.Retrying;

/// <summary>Remembers what was said last: the same complaint at every try for a night helps nobody, a new one does.</summary>
/// <remarks>Not thread-safe.</remarks>
public sealed class LastSaid<T>
    where T : notnull
{
    private T? _last;
    private bool _isSilent = true;

    /// <summary>True for what differs from the last; from then on that is the last.</summary>
    public bool IsNews(T said)
    {
        var isNews = _isSilent || !EqualityComparer<T>.Default.Equals(said, _last);
        (_last, _isSilent) = (said, false);
        return isNews;
    }

    /// <summary>All is well again: whatever comes next is news.</summary>
    public void Forget() => (_last, _isSilent) = (default, true);
}
