namespace ActionStream.Ingest.Decoding;

/// <summary>Finds a frame's picture again by its time in the decoder: what comes out has the time of what went in, and nothing else of it.
/// Thread-safe.</summary>
internal sealed class FedPictures
{
    /// <summary>More than a decoder, its pipes and a reordering codec hold.</summary>
    private const int Most = 4096;

    private readonly Lock _lock = new();
    private readonly List<(TimeSpan At, FedPicture Picture)> _fed = [];

    /// <param name="at">Its time in the decoder.</param>
    public void Add(TimeSpan at, in FedPicture picture)
    {
        lock (_lock)
        {
            if (_fed.Count == Most)
            {
                _fed.RemoveRange(0, Most / 2);
            }

            // Nearly in order: a B picture goes a few places back.
            var place = _fed.Count;
            while (place > 0 && _fed[place - 1].At > at)
            {
                place--;
            }

            _fed.Insert(place, (at, picture));
        }
    }

    /// <summary>Takes the picture of a frame; what is shown before it has been passed over. Null for a time that nobody fed.</summary>
    public FedPicture? Take(TimeSpan at)
    {
        lock (_lock)
        {
            var place = 0;
            while (place < _fed.Count && _fed[place].At < at)
            {
                place++;
            }

            FedPicture? found = place < _fed.Count && _fed[place].At == at ? _fed[place].Picture : null;
            _fed.RemoveRange(0, found is null ? place : place + 1);
            return found;
        }
    }

    public void Clear()
    {
        lock (_lock)
        {
            _fed.Clear();
        }
    }
}
