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
        ["Inference"] = ["Microsoft.ML.OnnxRuntime.Gpu", "System.IO.Hashing", "Microsoft.Extensions.Logging.Abstractions"],
        ["Models"] = ["Google.Protobuf", "Grpc.Tools"],
        ["Publish"] = [
            "MQTTnet", "MQTTnet.Server", "prometheus-net", "SkiaSharp", "SkiaSharp.NativeAssets.Linux.NoDependencies",
            "Microsoft.Extensions.Logging.Abstractions"],
        ["Host"] = ["YamlDotNet", "Microsoft.Data.Sqlite", "OpenTelemetry", "OpenTelemetry.Exporter.OpenTelemetryProtocol"],
        ["Evaluation"] = [],
        ["Bench"] = [],
        ["Cli"] = ["System.CommandLine", "Spectre.Console"],
    };

    /// <summary>Files past 300 lines that hold one idea all the same, each with why.</summary>
    private static readonly Dictionary<string, string> LongFiles = [];

    public static TheoryData<string> Projects => [.. Arrows.Keys];

    [Theory]
    [MemberData(nameof(Projects))]
    public void References_form_a_star(string project) =>
        Assert.Equal(
            Arrows[project].Order(), Read(project, "ProjectReference").Select(path => Path.GetFileNameWithoutExtension(path)).Order());

    [Theory]
    [MemberData(nameof(Projects))]
    public void Third_party_packages_stay_where_they_belong(string project) =>
        Assert.Empty(Read(project, "PackageReference").Except([.. Packages[project], "Microsoft.CodeAnalysis.BannedApiAnalyzers"]));

    [Fact]
    public void Every_project_under_src_is_in_the_overview() =>
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
    [MemberData(nameof(Projects))]
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
    public void No_line_is_wider_than_140_characters() => Assert.Empty(
        from file in Repository.Files("src", "*.cs")
        let lines = File.ReadAllLines(file)
        from i in Enumerable.Range(0, lines.Length)
        where lines[i].Length > 140
        select $"{Path.GetRelativePath(Repository.Root, file)}:{i + 1}");

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
        string[] pages = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "THIRD-PARTY-NOTICES.md"];
        string[] folders = ["docs", "samples", "training", "bench"];
        var documents = pages.Select(name => Repository.At(name)).Concat(folders.SelectMany(folder => Repository.Files(folder, "*.md")));
        var dead =
            from document in documents
            from Match link in MarkdownLink().Matches(File.ReadAllText(document))
            where !link.Groups[1].Value.Contains("://", StringComparison.Ordinal) && !Leads(document, link.Groups[1].Value)
            select $"{Path.GetRelativePath(Repository.Root, document)} → {link.Groups[1].Value}";
        Assert.Empty(dead);
    }

    [Fact]
    public void Every_path_in_ARCHITECTURE_is_there() =>
        Assert.DoesNotContain(
            SourcePath().Matches(File.ReadAllText(Repository.At("ARCHITECTURE.md"))).Select(match => match.Value),
            path => !Path.Exists(Repository.At(path)));

    [Fact]
    public void The_README_is_short()
    {
        var text = File.ReadAllText(Repository.At("README.md"));
        Assert.InRange(text.Count(letter => letter == '\n'), 1, 100);
        Assert.InRange(text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length, 1, 700);
    }

    /// <summary>True if the page is there, and in it the heading that comes after #.</summary>
    private static bool Leads(string document, string link)
    {
        var (target, anchor) = link.Split('#', 2) is [var page, var place] ? (page, place) : (link, "");
        var path = target.Length == 0 ? document : Path.Combine(Path.GetDirectoryName(document)!, target);
        return anchor.Length == 0
            ? Path.Exists(path)
            : File.Exists(path) && File.ReadLines(path).Where(line => line.StartsWith('#')).Any(line => Anchor(line) == anchor);
    }

    /// <summary>A heading as GitHub names it in links.</summary>
    private static string Anchor(string heading) =>
        string.Concat(heading.TrimStart('#').Trim().ToLowerInvariant()
            .Where(letter => char.IsLetterOrDigit(letter) || letter is ' ' or '-' or '_')).Replace(' ', '-');

    private static IEnumerable<string> Read(string project, string item) =>
        XDocument.Load(Repository.At("src", project, $"{project}.csproj")).Descendants(item).Select(element =>
            element.Attribute("Include")!.Value);

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

    [GeneratedRegex(
        @"^(public|internal)( (sealed|static|abstract|readonly|partial|unsafe|ref))* (class|record|struct|interface|enum|delegate) ")]
    private static partial Regex TopLevelType();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex MarkdownLink();

    [GeneratedRegex(@"\bsrc/[A-Za-z][A-Za-z0-9/.]*[A-Za-z0-9/]")]
    private static partial Regex SourcePath();
}
