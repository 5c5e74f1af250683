namespace ActionStream.Ingest.Packets.Gating;

/// <summary>One of many values by its place in their order: without sorting the rest, which nobody asks for.</summary>
internal static class Rank
{
    /// <summary>The value that would stand at a place if all were sorted. Then none before that place is larger, and none behind it
    /// smaller.</summary>
    /// <param name="values">Change places. No NaN.</param>
    public static float Of(Span<float> values, int place)
    {
        for (var (first, last) = (0, values.Length - 1); first < last;)
        {
            var pivot = Median(values[first], values[first + (last - first) / 2], values[last]);
            var (left, right) = (first, last);
            while (left <= right)
            {
                while (values[left] < pivot)
                {
                    left++;
                }

                while (values[right] > pivot)
                {
                    right--;
                }

                if (left <= right)
                {
                    (values[left], values[right]) = (values[right], values[left]);
                    left++;
                    right--;
                }
            }

            if (place > right && place < left)
            {
                break;
            }

            (first, last) = place <= right ? (first, right) : (left, last);
        }

        return values[place];
    }

    private static float Median(float a, float b, float c) => Math.Max(Math.Min(a, b), Math.Min(Math.Max(a, b), c));
}
