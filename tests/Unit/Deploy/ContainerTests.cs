using System.Text.RegularExpressions;
using ActionStream.Unit.Support;

namespace ActionStream.Unit.Deploy;

/// <summary>No container engine here either: what the image and the compose file name has to be there.</summary>
public sealed partial class ContainerTests
{
    private static readonly string Dockerfile = File.ReadAllText(Repository.At("Dockerfile"));
    private static readonly Yaml Compose = Yaml.Read("compose.yaml");

    [Fact]
    public void Everything_the_image_copies_is_in_the_repository()
    {
        var sources = Copy().Matches(Dockerfile).SelectMany(match => match.Groups[1].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries)[..^1]);
        Assert.All(sources, source => Assert.True(
            source.Contains('*', StringComparison.Ordinal)
                ? Directory.EnumerateFiles(Repository.Root, source).Any()
                : Path.Exists(Repository.At(source)),
            source));
    }

    [Fact]
    public void Every_project_of_the_service_is_restored_before_its_sources_come() => Assert.Equal(
        Repository.Files("src", "*.csproj").Select(path => Path.GetRelativePath(Repository.Root, path)).Order(),
        Copy().Matches(Dockerfile).Select(match => match.Groups[1].Value.Split(' ')[0]).Where(source => source.EndsWith(".csproj", StringComparison.Ordinal)).Order());

    [Fact]
    public void The_variant_that_compose_builds_is_one_that_the_image_has()
    {
        var variants = Variant().Matches(Dockerfile).Select(match => match.Groups[1].Value).ToArray();
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
                Assert.True(
                    mount[0].StartsWith("./", StringComparison.Ordinal) ? Path.Exists(Repository.At(mount[0])) : Compose["volumes"].Keys.Contains(mount[0]), mount[0]);
            }
        }

        Assert.Equal("actionstream:9464", Yaml.Read("configs", "prometheus", "prometheus.yml")["scrape_configs.0.static_configs.0.targets.0"].Text);
    }

    [GeneratedRegex(@"^COPY (?!--from)(.+)$", RegexOptions.Multiline)]
    private static partial Regex Copy();

    [GeneratedRegex(@"^FROM \S+ AS base-(\w+)$", RegexOptions.Multiline)]
    private static partial Regex Variant();
}
