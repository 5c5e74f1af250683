namespace ActionStream.Bench.Quiet;

/// <summary>Does many pieces of work, some at a time, and tells of each in order: the answer does not depend on how many.</summary>
internal static class Lanes
{
    /// <param name="lanes">At a time, at most.</param>
    /// <param name="work">Does the piece of a number, in a lane; each lane does one after the other.</param>
    /// <param name="told">Gets each result when it and all before are there; never two at a time.</param>
    /// <param name="cancel">No further piece is begun; the first one always is.</param>
    /// <returns>The results in order. Every piece that was begun is there.</returns>
    public static async Task<List<T>> RunAsync<T>(
        int count, int lanes, Func<int, int, Task<T>> work, Action<T> told, CancellationToken cancel)
    {
        var (order, next, isBroken) = (new Lock(), 0, false);
        var waiting = new SortedDictionary<int, T>();
        var results = new List<T>();
        await Task.WhenAll(
            Enumerable.Range(0, Math.Min(lanes, count)).Select(lane => Task.Run(() => LaneAsync(lane), CancellationToken.None)));
        return results;

        async Task LaneAsync(int lane)
        {
            while (Next() is { } number)
            {
                try
                {
                    Add(number, await work(lane, number));
                }
                catch
                {
                    Volatile.Write(ref isBroken, true);
                    throw;
                }
            }
        }

        int? Next()
        {
            lock (order)
            {
                return next < count && !isBroken && (next == 0 || !cancel.IsCancellationRequested) ? next++ : null;
            }
        }

        void Add(int number, T result)
        {
            lock (order)
            {
                waiting.Add(number, result);
                while (waiting.Remove(results.Count, out var following))
                {
                    results.Add(following);
                    told(following);
                }
            }
        }
    }
}
