using System.Text.RegularExpressions;
using ActionStream.Unit.Support;

namespace ActionStream.Unit.Publish;

/// <summary>Each folder can be read without those that are built on it.</summary>
public sealed partial class FolderTests
{
    private static readonly string Root = Repository.At("src", "Publish");

    private static string FolderOf(string file) => Path.GetRelativePath(Root, Path.GetDirectoryName(file)!);

    [Fact]
    public void No_two_folders_know_each_other_not_even_by_way_of_a_third()
    {
        var sources = Repository.Files(Path.Combine("src", "Publish"), "*.cs")
            .Select(file => (Folder: FolderOf(file), Code: Prose().Replace(File.ReadAllText(file), ""))).ToList();
        var homes = (
            from source in sources
            from Match type in Declaration().Matches(source.Code)
            select (Type: type.Groups[1].Value, source.Folder)).Distinct().ToLookup(one => one.Type, one => one.Folder);
        var known = (
            from source in sources
            from Match word in Name().Matches(source.Code)
            where !homes[word.Value].Contains(source.Folder)
            from home in homes[word.Value]
            select (Knower: source.Folder, Known: home)).Distinct().ToLookup(one => one.Knower, one => one.Known);

        Assert.Contains("Events", known["."]); // it finds something
        Assert.All(known, one => Assert.DoesNotContain(one.Key, Reaches(one.Key, known)));
    }

    private static HashSet<string> Reaches(string from, ILookup<string, string> known)
    {
        var (reached, open) = (new HashSet<string>(), new Queue<string>([from]));
        while (open.TryDequeue(out var folder))
        {
            foreach (var next in known[folder].Where(reached.Add))
            {
                open.Enqueue(next);
            }
        }

        return reached;
    }

    /// <summary>Comments and texts.</summary>
    [GeneratedRegex("""^\s*//.*$|(?<!:)//.*$|"(\\.|[^"\\\n])*"|'"'""", RegexOptions.Multiline)]
    private static partial Regex Prose();

    [GeneratedRegex(@"^(?:public |internal )(?:static |sealed |abstract |readonly |partial )*(?:class|record struct|record|struct|interface|enum) (\w+)", RegexOptions.Multiline)]
    private static partial Regex Declaration();

    /// <summary>A type where it is used: not a member, and not the name of a parameter, property or value.</summary>
    [GeneratedRegex(@"(?<![\w.])[A-Z]\w+\b(?!\s*(=[^=>]|=>|\{ get|:))")]
    private static partial Regex Name();
}
