using System.Text.RegularExpressions;

namespace ActionStream.Models.Checkpoints;

/// <summary>Knows by its name which part of a training's file holds averaged weights. They are often better than the last ones,
/// and who does not know that they are there does not ask for them.</summary>
internal static partial class AveragedWeights
{
    public static bool IsNamed(string part) => Words().IsMatch(part);

    [GeneratedRegex(@"(^|[^a-zA-Z])(ema|swa|avg|averaged?|shadow)([^a-zA-Z]|$)", RegexOptions.IgnoreCase)]
    private static partial Regex Words();
}
