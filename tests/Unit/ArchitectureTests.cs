using System.Text.RegularExpressions;
using System.Xml.Linq;
using ActionStream.Unit.Support;

namespace ActionStream.Unit;

public sealed partial class ArchitectureTests
{
    private static readonly Dictionary<string, string[]> Arrows = new()
    {
        ["Core"] = [],
        ["Ingest"] = ["Core"],
        ["Inference"] = ["Core"],
        ["Models"] = ["Core"],
        ["Publish"] = ["Core"],
        ["Host"] = ["Core", "Ingest", "Inference", "Models", "Publish"],
        ["Evaluation"] = ["Host"],
        ["Bench"] = ["Host"],
        ["Cli"] = ["Host", "Evaluation", "Bench"],
    };

    /// <summary>Which project may use which package; whatever is not here may be used nowhere.</summary>
    private static readonly Dictionary<string, string[]> Packages = new()
    {
        ["Core"] = ["Microsoft.CodeAnalysis.BannedApiAnalyzers"],
        ["Ingest"] = ["FFMpegCore", "Microsoft.Extensions.Logging.Abstractions"],
        ["Inference"] = ["Microsoft.ML.OnnxRuntime.Gpu", "Microsoft.Extensions.Logging.Abstractions"],
        ["Models"] = ["Google.Protobuf", "Grpc.Tools"],
        ["Publish"] = ["MQTTnet", "MQTTnet.Server", "prometheus-net", "SkiaSharp", "SkiaSharp.NativeAssets.Linux.NoDependencies", "Microsoft.Extensions.Logging.Abstractions"],
        ["Host"] = ["YamlDotNet"],
        ["Evaluation"] = [],
        ["Bench"] = [],
        ["Cli"] = ["System.CommandLine", "Spectre.Console"],
    };

    /// <summary>Files past 300 lines that hold one idea all the same, each with why.</summary>
    private static readonly Dictionary<string, string> LongFiles = [];

    /// <summary>Projects whose folders still know each other both ways. Nothing may be added; to be emptied.</summary>
    private static readonly string[] WithCycles = ["Publish"];

    public static TheoryData<string> Projects => [.. Arrows.Keys];

    public static TheoryData<string> WithoutCycles => [.. Arrows.Keys.Except(WithCycles)];

    [Theory]
    [MemberData(nameof(Projects))]
    public void References_form_a_star(string project) =>
        Assert.Equal(Arrows[project].Order(), Read(project, "ProjectReference").Select(path => Path.GetFileNameWithoutExtension(path)).Order());

    [Theory]
    [MemberData(nameof(Projects))]
    public void Third_party_packages_stay_where_they_belong(string project) =>
        Assert.Empty(Read(project, "PackageReference").Except([.. Packages[project], "Microsoft.CodeAnalysis.BannedApiAnalyzers"]));

    [Fact]
    public void Every_project_under_src_is_in_the_picture() =>
        Assert.Equal(
            Arrows.Keys.Order(), Repository.Files("src", "*.csproj").Select(path => Path.GetFileNameWithoutExtension(path)).Order());

    [Fact]
    public void No_part_names_another_part()
    {
        var parts = Arrows.Keys.Except(["Core", "Host", "Evaluation", "Bench", "Cli"]).ToArray();
        var crossings =
            from part in parts
            from file in Repository.Files(Path.Combine("src", part), "*.cs")
            from other in parts.Concat(["Host", "Evaluation", "Bench", "Cli"]).Where(other => other != part)
            where File.ReadAllText(file).Contains($"ActionStream.{other}", StringComparison.Ordinal)
            select $"{Path.GetRelativePath(Repository.Root, file)} names {other}";
        Assert.Empty(crossings);
    }

    [Theory]
    [MemberData(nameof(WithoutCycles))]
    public void No_two_folders_of_a_project_know_each_other_both_ways(string project) => Assert.Empty(FolderMap.CyclesOf(project));

    [Fact]
    public void No_file_hides_a_second_idea()
    {
        var tooLong =
            from file in Repository.Files("src", "*.cs")
            let lines = File.ReadLines(file).Count()
            where lines > 300 && !LongFiles.ContainsKey(Path.GetFileName(file))
            select $"{Path.GetRelativePath(Repository.Root, file)} has {lines} lines";
        Assert.Empty(tooLong);
    }

    [Fact]
    public void Every_type_says_why_it_is_there()
    {
        var silent =
            from file in Repository.Files("src", "*.cs")
            let lines = File.ReadAllLines(file)
            from i in Enumerable.Range(0, lines.Length)
            where TopLevelType().IsMatch(lines[i]) && !Documented(lines, i)
            select $"{Path.GetRelativePath(Repository.Root, file)}:{i + 1} {lines[i].Trim()}";
        Assert.Empty(silent);
    }

    [Fact]
    public void Every_link_in_the_documents_leads_somewhere()
    {
        var documents = new[] { "README.md", "ARCHITECTURE.md", "CONTRIBUTING.md" }.Select(name => Repository.At(name))
            .Concat(Repository.Files("docs", "*.md"));
        var dead =
            from document in documents.Where(File.Exists)
            from Match link in MarkdownLink().Matches(File.ReadAllText(document))
            let target = link.Groups[1].Value.Split('#')[0]
            where target.Length > 0 && !target.Contains("://", StringComparison.Ordinal)
            where !Path.Exists(Path.Combine(Path.GetDirectoryName(document)!, target))
            select $"{Path.GetRelativePath(Repository.Root, document)} → {target}";
        Assert.Empty(dead);
    }

    private static IEnumerable<string> Read(string project, string item) =>
        XDocument.Load(Repository.At("src", project, $"{project}.csproj")).Descendants(item).Select(element => element.Attribute("Include")!.Value);

    // The line above a type, past its attributes, ends a doc comment.
    private static bool Documented(string[] lines, int type)
    {
        var above = type - 1;
        while (above >= 0 && lines[above].StartsWith('['))
        {
            above--;
        }

        return above >= 0 && lines[above].StartsWith("///", StringComparison.Ordinal);
    }

    [GeneratedRegex(@"^(public|internal)( (sealed|static|abstract|readonly|partial|unsafe|ref))* (class|record|struct|interface|enum|delegate) ")]
    private static partial Regex TopLevelType();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex MarkdownLink();
}
