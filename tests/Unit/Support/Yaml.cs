using ActionStream.Core.Configuration;
using ActionStream.Host.Configuration;

namespace ActionStream.Unit.Support;

/// <summary>YAML of the repository, to be asked by paths such as spec.template.spec.containers.0.image.</summary>
internal sealed class Yaml(SettingNode? node, string path)
{
    public static Yaml Read(params string[] parts)
    {
        List<ConfigProblem> problems = [];
        var root = YamlFile.Read(Repository.At(parts), problems);
        Assert.Empty(problems);
        return new(root, "");
    }

    public string? Text => (node as SettingScalar)?.Text;

    public IReadOnlyList<Yaml> Items => node switch
    {
        SettingList list => [.. list.Items.Select((item, i) => new Yaml(item, $"{path}.{i}"))],
        SettingSection section => [.. section.Entries.Select(entry => new Yaml(entry.Value, $"{path}.{entry.Key}"))],
        _ => [],
    };

    public IReadOnlyList<string> Keys => node is SettingSection section ? [.. section.Entries.Select(entry => entry.Key)] : [];

    /// <summary>Fails, with the path, where there is nothing.</summary>
    public Yaml this[string below]
    {
        get
        {
            var found = below.Split('.').Aggregate(node, (at, name) => at switch
            {
                SettingSection section => section[name],
                SettingList list when int.TryParse(name, out var index) => list.Items[index],
                _ => null,
            });
            Assert.True(found is not null, $"{path}.{below} is missing");
            return new(found, $"{path}.{below}");
        }
    }
}
