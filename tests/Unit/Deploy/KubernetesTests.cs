using System.Globalization;
using ActionStream.Core.Configuration;
using ActionStream.Host.Configuration;
using ActionStream.Unit.Support;

namespace ActionStream.Unit.Deploy;

/// <summary>No cluster here: the manifests are held against each other, against what the service really answers, and against
/// its own check of a configuration.</summary>
public sealed class KubernetesTests
{
    private static readonly Yaml Deployment = Of("deployment");
    private static readonly Yaml Pod = Deployment["spec.template.spec"];
    private static readonly Yaml Container = Pod["containers.0"];

    [Fact]
    public void Every_manifest_is_in_the_kustomization_and_says_what_it_is()
    {
        var listed = Of("kustomization")["resources"].Items.Select(item => item.Text!).Order();
        var files = Directory.EnumerateFiles(Repository.At("deploy", "kubernetes")).Select(path => Path.GetFileName(path))
            .Where(name => name is not "kustomization.yaml" and not "secret.example.yaml").Order();
        Assert.Equal(files, listed);
        Assert.All(listed, file => Assert.NotNull(Of(Path.GetFileNameWithoutExtension(file))["kind"].Text));
    }

    [Fact]
    public void The_configuration_in_the_ConfigMap_is_one_that_the_service_takes()
    {
        List<ConfigProblem> problems = [];
        var typed = YamlFile.Parse(Of("configmap")["data"].Items[0].Text ?? "", "site.yaml", problems);
        Assert.Empty(problems);

        var secret = Of("secret.example")["stringData"];
        var environment = secret.Keys.Zip(secret.Items, (key, value) => (key, value.Text ?? ""))
            .Append(("NODE_NAME", "edge")).ToDictionary(pair => pair.Item1, pair => pair.Item2);
        var (options, wrong) = ConfigFile.Bind("site.yaml", typed!, environment.GetValueOrDefault);
        Assert.Empty(wrong);
        Assert.Equal("0.0.0.0", options.Http.Address); // the kubelet's probes come from outside
        Assert.Equal(Container["ports.0.containerPort"].Text, options.Http.Port.ToString(CultureInfo.InvariantCulture));
        Assert.Equal("rtsp://user:password@10.0.0.11/sub", options.Cameras["entrance"].Url);
    }

    [Theory]
    [InlineData("startupProbe", "/health/ready")]
    [InlineData("livenessProbe", "/health/live")]
    [InlineData("readinessProbe", "/health/ready")]
    public void Probes_ask_what_the_service_answers(string probe, string path)
    {
        Assert.Equal(path, Container[$"{probe}.httpGet.path"].Text);
        Assert.Equal(Container["ports.0.name"].Text, Container[$"{probe}.httpGet.port"].Text);
        Assert.Contains($"\"{path}\"", File.ReadAllText(Repository.At("src", "Host", "Web", "StatusServer.cs")), StringComparison.Ordinal);
    }

    [Fact]
    public void It_runs_as_nobody_on_a_read_only_disk_within_bounds_and_has_time_to_drain()
    {
        Assert.Equal("true", Pod["securityContext.runAsNonRoot"].Text);
        Assert.Equal("true", Container["securityContext.readOnlyRootFilesystem"].Text);
        Assert.Equal("false", Container["securityContext.allowPrivilegeEscalation"].Text);
        Assert.Equal("ALL", Container["securityContext.capabilities.drop.0"].Text);
        Assert.Contains(
            $"--uid {Pod["securityContext.runAsUser"].Text} ", File.ReadAllText(Repository.At("Dockerfile")), StringComparison.Ordinal);
        Assert.NotNull(Container["resources.requests.cpu"].Text);
        Assert.NotNull(Container["resources.limits.memory"].Text);
        Assert.True(int.Parse(Pod["terminationGracePeriodSeconds"].Text!, CultureInfo.InvariantCulture) > 10);
        Assert.Equal("Recreate", Deployment["spec.strategy.type"].Text); // never two with one client id
    }

    [Fact]
    public void What_is_mounted_exists_and_what_selects_finds()
    {
        var volumes = Pod["volumes"].Items.Select(volume => volume["name"].Text);
        Assert.Equal(volumes.Order(), Container["volumeMounts"].Items.Select(mount => mount["name"].Text).Order());
        Assert.Equal(Of("configmap")["metadata.name"].Text, Pod["volumes.0.configMap.name"].Text);
        Assert.Equal(Of("pvc")["metadata.name"].Text, Pod["volumes.1.persistentVolumeClaim.claimName"].Text);
        Assert.Equal(Of("secret.example")["metadata.name"].Text, Container["envFrom.0.secretRef.name"].Text);
        const string Label = "app.kubernetes.io/name";
        string? Find(Yaml at) => at.Keys.Zip(at.Items, (key, value) => (key, value)).Single(pair => pair.key == Label).value.Text;
        Assert.Equal(Find(Deployment["spec.template.metadata.labels"]), Find(Deployment["spec.selector.matchLabels"]));
        Assert.Equal(Find(Deployment["spec.template.metadata.labels"]), Find(Of("service")["spec.selector"]));
        Assert.StartsWith("/etc/actionstream/", Container["args.2"].Text, StringComparison.Ordinal);
    }

    private static Yaml Of(string name) => Yaml.Read("deploy", "kubernetes", $"{name}.yaml");
}
