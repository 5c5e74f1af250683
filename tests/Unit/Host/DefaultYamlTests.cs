using System.Collections;
using System.Reflection;
using ActionStream.Core.Configuration;
using ActionStream.Host.Configuration;
using ActionStream.Unit.Support;

namespace ActionStream.Unit.Host;

/// <summary>configs/default.yaml is the reference of settings, so it must name every one with the default the code really has.</summary>
public sealed class DefaultYamlTests
{
    private static readonly SettingSection Root = Read();

    [Fact]
    public void Every_setting_is_named() => Assert.Empty(Missing(typeof(PipelineOptions), Root, ""));

    [Fact]
    public void Every_setting_has_its_real_default()
    {
        var check = new ConfigCheck("default.yaml", Root);
        var options = SettingBinder.Bind<PipelineOptions>(Root, check);
        Assert.Empty(check.Problems);

        var code = new PipelineOptions { Node = "edge" };
        Assert.Equal(code with { Cameras = options.Cameras, Defaults = options.Defaults }, options);

        var camera = options.Cameras["front_door"];
        var coded = new CameraOptions { Url = camera.Url };
        Assert.Equal(new ActionStream.Ingest.Sources.CropArea(), camera.Crop);
        Assert.Equal(new ActionStream.Publish.Events.ClassOptions(), camera.Events.Classes["fall"]);
        Assert.Empty(camera.InputArguments);
        Assert.Empty(camera.RedirectHosts);
        Assert.Empty(camera.Events.Labels);
        Assert.Empty(camera.Events.Schedule);
        Assert.Empty(camera.Events.Zones);
        var zone = Assert.Single(camera.Zones).Value;
        Assert.Equal(new ActionStream.Publish.Events.Zones.ZoneOptions { Points = zone.Points }, zone);
        Assert.Equal(
            coded.Events, camera.Events with
            {
                Classes = coded.Events.Classes,
                Labels = coded.Events.Labels,
                Schedule = coded.Events.Schedule,
                Zones = coded.Events.Zones,
            });
        Assert.Equal(
            coded, camera with
            {
                Crop = null,
                Zones = coded.Zones,
                Events = coded.Events,
                InputArguments = coded.InputArguments,
                RedirectHosts = coded.RedirectHosts,
            });
    }

    [Fact]
    public void Every_setting_has_a_word_of_explanation_above_it_or_above_its_group()
    {
        var lines = File.ReadAllLines(Repository.At("configs", "default.yaml"));
        var comments = lines.Count(line => line.TrimStart().StartsWith('#'));
        var settings = lines.Count(line => line.Contains(':', StringComparison.Ordinal) && !line.TrimStart().StartsWith('#'));
        Assert.True(comments > settings / 2, $"{comments} comments for {settings} settings");
    }

    private static IEnumerable<string> Missing(Type type, SettingSection section, string path)
    {
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite))
        {
            var name = SettingName.Of(property.Name);
            var at = path.Length == 0 ? name : $"{path}.{name}";
            if (section.Entries.All(entry => entry.Key != name))
            {
                yield return at;
                continue;
            }

            var inner = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
            if (name == "defaults" || inner == typeof(string)
                || inner.Namespace?.StartsWith("ActionStream", StringComparison.Ordinal) != true && !IsDictionary(inner))
            {
                continue; // a value; or the settings of a camera once more
            }

            if (IsDictionary(inner))
            {
                foreach (var entry in ((SettingSection)section[name]!).Entries)
                {
                    foreach (var missing in Missing(inner.GetGenericArguments()[1], (SettingSection)entry.Value, $"{at}.{entry.Key}"))
                    {
                        yield return missing;
                    }
                }
            }
            else if (!inner.IsEnum && inner != typeof(Secret) && !typeof(IEnumerable).IsAssignableFrom(inner))
            {
                foreach (var missing in Missing(inner, (SettingSection)section[name]!, at))
                {
                    yield return missing;
                }
            }
        }
    }

    private static bool IsDictionary(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>);

    private static SettingSection Read()
    {
        List<ConfigProblem> problems = [];
        var root = YamlFile.Read(Repository.At("configs", "default.yaml"), problems);
        Assert.Empty(problems);
        return (SettingSection)root!;
    }
}
