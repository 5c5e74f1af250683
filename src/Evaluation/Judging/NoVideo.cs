namespace ActionStream.Evaluation.Judging;

/// <summary>A file among labelled recordings that is none, and what it is: named, never counted.</summary>
internal sealed record NoVideo(string File, string What)
{
    private const int Named = 3;

    /// <summary>Kind by kind, with some names of each.</summary>
    public static IEnumerable<string> Summed(IReadOnlyList<NoVideo> files) => files.GroupBy(file => file.What)
        .Select(kind => $"{kind.Count()} {kind.Key}: {string.Join(", ", kind.Take(Named).Select(file => file.File))}"
            + (kind.Count() > Named ? ", …" : ""));
}
