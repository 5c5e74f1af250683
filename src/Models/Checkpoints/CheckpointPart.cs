namespace ActionStream.Models.Checkpoints;

/// <summary>The arrays of a checkpoint whose names begin alike, without that beginning: a network inside another, such as
/// Lightning's `model.`. Arrays outside keep their names.</summary>
internal sealed class CheckpointPart : Checkpoint
{
    private static readonly char[] Separators = ['.', '/'];

    // A prefix of more names than that is a place within a network.
    private const int Deepest = 4;

    private readonly Checkpoint _whole;
    private readonly string _prefix;

    public CheckpointPart(Checkpoint whole, string prefix)
    {
        (_whole, _prefix) = (whole, prefix);
        (Part, Prefix, Averaged) = (whole.Part, whole.Prefix + prefix, whole.Averaged);
    }

    public override string Container => _whole.Container;

    public override IReadOnlyCollection<CheckpointArray> Arrays =>
        [.. _whole.Arrays.Select(array => array.Name.StartsWith(_prefix, StringComparison.Ordinal)
            ? array with { Name = array.Name[_prefix.Length..] }
            : array)];

    /// <summary>The arrays below a name, and no others.</summary>
    /// <exception cref="CheckpointException">There are none.</exception>
    public static Checkpoint Named(Checkpoint whole, string part, string path)
    {
        var prefix = Separators.Select(separator => part.TrimEnd(Separators) + separator)
            .FirstOrDefault(prefix => whole.Arrays.Any(array => array.Name.StartsWith(prefix, StringComparison.Ordinal)));
        return prefix is null
            ? throw new CheckpointException(
                path, $"it has no part {part}; its arrays begin with {string.Join(", ", Prefixes(whole, least: 2).Take(8))}")
            : new CheckpointPart(whole, prefix);
    }

    /// <summary>What so many names or more begin with, in the order of the file and the shortest first.</summary>
    public static IReadOnlyList<string> Prefixes(Checkpoint whole, int least)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var array in whole.Arrays)
        {
            var end = 0;
            for (var depth = 0; depth < Deepest && (end = array.Name.IndexOfAny(Separators, end) + 1) > 0; depth++)
            {
                var prefix = array.Name[..end];
                counts[prefix] = counts.GetValueOrDefault(prefix) + 1;
            }
        }

        return [.. counts.Where(prefix => prefix.Value >= least).Select(prefix => prefix.Key)];
    }

    public override IReadOnlyList<int>? ShapeOf(string path, IReadOnlyList<int>? wanted) => _whole.ShapeOf(_prefix + path, wanted);

    public override float[] Read(string path, IReadOnlyList<int> shape) => _whole.Read(_prefix + path, shape);
}
