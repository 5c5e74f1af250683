namespace ActionStream.Core.Configuration;

/// <summary>One thing wrong with a configuration: where it stands, what was seen, what was expected.</summary>
/// <param name="File">The file as the user named it.</param>
/// <param name="Line">Line from 1; 0 where it stands nowhere, as with a missing setting.</param>
/// <param name="Path">Where in the tree, such as cameras.front.hop.</param>
/// <param name="Message">What was seen, what was expected, what to do. Never a secret.</param>
public sealed record ConfigProblem(string File, int Line, string Path, string Message)
{
    public override string ToString() => $"{File}:{Math.Max(Line, 1)}: {(Path.Length == 0 ? "" : Path + " ")}{Message}";
}

/// <summary>A configuration or card could not be used; carries every problem found, not the first.</summary>
public sealed class ConfigException(IReadOnlyList<ConfigProblem> problems)
    : Exception(string.Join(Environment.NewLine, problems))
{
    public IReadOnlyList<ConfigProblem> Problems { get; } = problems;
}
