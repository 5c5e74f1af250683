using System.Text.RegularExpressions;

namespace ActionStream.Unit.Support;

/// <summary>Which folders of a project know which: one knows another if a file in it names a type that is declared in the other.</summary>
/// <remarks>
/// By names alone, without a compiler: comments and strings left out, and only where the file can see the other's
/// namespace.
/// </remarks>
internal static partial class FolderMap
{
    private const string Root = ".";

    /// <summary>Pairs of folders that know each other, each with one file and type for either way.</summary>
    public static IReadOnlyList<string> CyclesOf(string project)
    {
        var knows = Of(project);
        return
        [
            .. from way in knows
               where string.CompareOrdinal(way.Key.From, way.Key.To) < 0
               where knows.ContainsKey((way.Key.To, way.Key.From))
               select $"{project}: {way.Key.From} knows {way.Value}; {way.Key.To} knows {knows[(way.Key.To, way.Key.From)]}",
        ];
    }

    private static Dictionary<(string From, string To), string> Of(string project)
    {
        var root = Repository.At("src", project);
        var files = Repository.Files(Path.Combine("src", project), "*.cs")
            .Select(path => (
                Folder: Path.GetRelativePath(root, Path.GetDirectoryName(path)!), Name: Path.GetFileName(path),
                Text: CodeOf(File.ReadAllText(path))))
            .ToList();
        var types = (from file in files
                     from Match type in DeclaredType().Matches(file.Text)
                     select (file.Folder, Name: type.Groups["name"].Value)).ToLookup(type => type.Folder, type => type.Name);

        var knows = new Dictionary<(string From, string To), string>();
        foreach (var (from, name, text) in files)
        {
            var words = Word().Matches(text).Select(word => word.Value).ToHashSet(StringComparer.Ordinal);
            foreach (var other in types.Where(other => other.Key != from && Sees(from, text, NamespaceOf(project, other.Key), other.Key)))
            {
                if (other.FirstOrDefault(type => words.Contains(type) && !types[from].Contains(type)) is { } known)
                {
                    knows.TryAdd((from, other.Key), $"{other.Key}'s {known} in {name}");
                }
            }
        }

        return knows;
    }

    private static bool Sees(string from, string text, string other, string folder) =>
        folder == Root || from.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal)
        || text.Contains($"using {other};", StringComparison.Ordinal)
        || text.Contains($"{other[(other.LastIndexOf('.') + 1)..]}.", StringComparison.Ordinal);

    private static string NamespaceOf(string project, string folder) =>
        folder == Root ? $"ActionStream.{project}" : $"ActionStream.{project}.{folder.Replace(Path.DirectorySeparatorChar, '.')}";

    private static string CodeOf(string text) => CommentOrString().Replace(text, " ");

    [GeneratedRegex(
        """//[^\n]*|/\*.*?\*/|\$*\"{3}.*?\"{3}|(\$?@|@\$)"([^"]|"")*"|"(\\.|[^"\\\n])*"|'(\\.|[^'\\\n])+'""", RegexOptions.Singleline)]
    private static partial Regex CommentOrString();

    [GeneratedRegex(
        @"^(public|internal|file) (?:(?:sealed|static|abstract|readonly|partial|unsafe|ref) )*(?:(?:class|record struct|record "
        + @"class|record|struct|interface|enum) (?<name>\w+)"
            + @"|delegate [^(;]*?(?<name>\w+)(<[^>(]*>)?\()",
        RegexOptions.Multiline)]
    private static partial Regex DeclaredType();

    // Qualified names count by their last part, too; members of the same name as a type do not.
    [GeneratedRegex(@"(?<!\.)\b[A-Z]\w*|(?<=\b[A-Z]\w*\.)[A-Z]\w*(?=\s+\w|[(.<?\[])")]
    private static partial Regex Word();
}
