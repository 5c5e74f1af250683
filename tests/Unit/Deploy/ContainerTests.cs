using System.Text.RegularExpressions;
using ActionStream.Unit.Support;

namespace ActionStream.Unit.Deploy;

/// <summary>No container engine here either: what the image and the compose file name has to be there.</summary>
public sealed partial class ContainerTests
{
    private static readonly Dockerfile Image = new(File.ReadAllText(Repository.At("Dockerfile")));
    private static readonly Yaml Compose = Yaml.Read("compose.yaml");

    private static readonly IReadOnlyList<string> Context =
        new DockerIgnore(File.ReadAllText(Repository.At(".dockerignore"))).Files(Repository.Root);

    private static readonly IReadOnlyList<(string Stage, Dockerfile.Copy Copy)> FromContext =
        [.. Image.Stages.SelectMany(stage => Image.Copies(stage).Where(copy => copy.Stage is null).Select(copy => (stage, copy)))];

    [Fact]
    public void Everything_the_image_copies_is_in_the_repository_and_not_left_out_by_dockerignore()
    {
        Assert.NotEmpty(FromContext);
        Assert.All(FromContext.SelectMany(from => from.Copy.Sources.Select(source => (from.Copy, source))), named => Assert.True(
            named.Copy.Files(named.source, Context).Any() || named.source.EndsWith(']'), // a name in brackets may come later
            $"COPY {named.source}: no such file, or .dockerignore leaves it out"));
    }

    [Fact]
    public void Nothing_else_reaches_the_engine()
    {
        Assert.Empty(Context.Except(FromContext.SelectMany(from => FilesOf(from.Copy)).Select(file => file.From)));
        Assert.InRange(Context.Sum(path => new FileInfo(Repository.At(path)).Length), 1, 20_000_000);
    }

    [Fact]
    public void Every_file_of_the_repository_that_the_build_names_or_reads_is_copied_before()
    {
        string[] settings =
            ["Directory.*", "global.json", "nuget.config", "NuGet.config", ".editorconfig", ".globalconfig", "BannedSymbols.txt"];
        var read = settings.SelectMany(name => Directory.EnumerateFiles(Repository.Root, name)).Select(path => Path.GetFileName(path));
        var named = Image.Texts("build", "RUN").SelectMany(text => text.Split(' '))
            .Where(word => word.Contains('/', StringComparison.Ordinal) && word[0] != '/' && Path.Exists(Repository.At(word)));
        var copied = FromContext.Where(from => from.Stage == "build").SelectMany(from => FilesOf(from.Copy))
            .Select(file => Path.GetRelativePath(".", file.To)).ToArray();
        Assert.All([.. read, .. named], path => Assert.True(
            copied.Any(to => to == path || to.StartsWith(path + "/", StringComparison.Ordinal)), $"{path} is not copied"));
        Assert.All(Image.Environment("build").Where(pair => pair.Name == "PROJECT"), pair => Assert.Contains(
            $"{pair.Value}/{Path.GetFileName(pair.Value)}.csproj", Context));
    }

    [Fact]
    public void Every_project_lies_where_the_restoring_layer_puts_it_in_a_folder_of_its_own_name() => Assert.All(
        Repository.Files("src", "*.csproj").Select(path => Path.GetRelativePath(Repository.Root, path)),
        path => Assert.Equal($"src/{Path.GetFileNameWithoutExtension(path)}/{Path.GetFileName(path)}", path));

    [Fact]
    public void The_state_folder_is_one_volume_everywhere()
    {
        var folder = Assert.Single(Image.Texts("service", "VOLUME"));
        Assert.Contains(("STATE_FOLDER", folder), Image.Environment("service"));
        Assert.Contains($"state:{folder}", Compose["services.actionstream.volumes"].Items.Select(volume => volume.Text));
        var mounts = Yaml.Read("deploy", "kubernetes", "deployment.yaml")["spec.template.spec.containers.0.volumeMounts"].Items;
        Assert.Equal(folder, mounts.Single(mount => mount["name"].Text == "state")["mountPath"].Text);
    }

    [Fact]
    public void Every_variable_that_compose_or_the_image_sets_has_a_reader()
    {
        const string Capabilities = "NVIDIA_DRIVER_CAPABILITIES";
        var service = Compose["services.actionstream"];
        var config = Repository.At("configs", Path.GetFileName(service["command.2"].Text!));
        var read = Variable().Matches(File.ReadAllText(config)).Select(match => match.Groups[1].Value);
        Assert.Empty(service["environment"].Keys.Concat(Image.Environment("service").Select(pair => pair.Name))
            .Where(name => !name.StartsWith("DOTNET_", StringComparison.Ordinal))
            .Except([.. read, "TZ", "MALLOC_ARENA_MAX", Capabilities]));

        var capabilities = service[$"environment.{Capabilities}"].Text!;
        Assert.Contains((Capabilities, capabilities), Image.Environment("service"));
        Assert.Contains("video", capabilities.Split(','));
    }

    [Fact]
    public void The_variant_that_compose_builds_is_one_that_the_image_has()
    {
        var variants = Image.Stages.Where(stage => stage.StartsWith("base-", StringComparison.Ordinal))
            .Select(stage => stage["base-".Length..]).ToArray();
        Assert.Equal(["cpu", "cuda"], variants.Order());
        Assert.Contains(Compose["services.actionstream.build.args.VARIANT"].Text, variants);
    }

    [Fact]
    public void Everything_that_compose_mounts_is_there_and_no_port_is_open_to_the_network()
    {
        foreach (var service in Compose["services"].Items)
        {
            Assert.All(service["ports"].Items, port => Assert.StartsWith("127.0.0.1:", port.Text, StringComparison.Ordinal));
            foreach (var mount in service["volumes"].Items.Select(volume => volume.Text!.Split(':')))
            {
                var isOurs = mount[0].StartsWith("./", StringComparison.Ordinal);
                Assert.True(isOurs ? Path.Exists(Repository.At(mount[0])) : Compose["volumes"].Keys.Contains(mount[0]), mount[0]);
            }
        }

        var prometheus = Yaml.Read("configs", "prometheus", "prometheus.yml");
        Assert.Equal("actionstream:9464", prometheus["scrape_configs.0.static_configs.0.targets.0"].Text);
    }

    private static IEnumerable<(string From, string To)> FilesOf(Dockerfile.Copy copy) =>
        copy.Sources.SelectMany(source => copy.Files(source, Context));

    [GeneratedRegex(@"\$\{([A-Z_]+)[:}]")]
    private static partial Regex Variable();
}
