using ActionStream.Core.Configuration;
using ActionStream.Core.Modelling;
using ActionStream.Models.Graphs;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace ActionStream.Host.Configuration;

/// <summary>Reads and writes `card.yaml`, the model card beside the ONNX files.</summary>
internal static class CardFile
{
    /// <exception cref="ConfigException">No card, not YAML, or wrong: every problem at once.</exception>
    public static ModelCard Load(string folder)
    {
        var path = Path.Combine(folder, ModelCard.FileName);
        if (!Directory.Exists(folder) || !File.Exists(path))
        {
            throw new ConfigException([new(path, 0, "", "does not exist; expected a model's folder with its card. "
                + $"Build one: actionstream models build factorised-tokenlearner-vivit-mini --out {folder}")]);
        }

        List<ConfigProblem> problems = [];
        var root = YamlFile.Read(path, problems);
        if (problems.Count > 0)
        {
            throw new ConfigException(problems);
        }

        var check = new ConfigCheck(path, root);
        var card = SettingBinder.Bind<ModelCard>(root, check);
        if (check.Problems.Count == 0)
        {
            card.Check(check);
        }

        check.ThrowIfAny();
        CheckEnd(folder, card, check.At(nameof(card.Output)));
        check.ThrowIfAny();
        return card;
    }

    // A file that cannot be read is not the card's mistake: whoever loads the model says so.
    private static void CheckEnd(string folder, ModelCard card, ConfigCheck check)
    {
        try
        {
            if (GraphEnd.Of(Path.Combine(folder, card.Model.Path), card.Output.Name).Contradiction(card.Output.Activation) is { } problem)
            {
                check.Report(
                    nameof(card.Output.Activation),
                    $"is {SettingName.Of(card.Output.Activation.ToString())}; {card.Model.Path}: {problem}");
            }
        }
        catch (OnnxFileException)
        {
        }
    }

    public static void Save(ModelCard card, string folder)
    {
        var yaml = new SerializerBuilder()
            .WithNamingConvention(UnderscoredNamingConvention.Instance)
            .WithTypeConverter(new DurationText())
            .WithTypeConverter(new ChoiceText())
            .ConfigureDefaultValuesHandling(DefaultValuesHandling.OmitNull)
            .WithAttributeOverride<ModelInput>(input => input.Size, new YamlIgnoreAttribute())
            .DisableAliases()
            .Build()
            .Serialize(card);
        File.WriteAllText(Path.Combine(folder, ModelCard.FileName), "# How to feed this model and how to read it.\n" + yaml);
    }

    private sealed class DurationText : IYamlTypeConverter
    {
        public bool Accepts(Type type) => type == typeof(TimeSpan);

        public object ReadYaml(YamlDotNet.Core.IParser parser, Type type, ObjectDeserializer rootDeserializer) =>
            throw new NotSupportedException();

        public void WriteYaml(YamlDotNet.Core.IEmitter emitter, object? value, Type type, ObjectSerializer serializer) =>
            emitter.Emit(new YamlDotNet.Core.Events.Scalar(SettingText.Of((TimeSpan)value!)));
    }

    private sealed class ChoiceText : IYamlTypeConverter
    {
        public bool Accepts(Type type) => type.IsEnum;

        public object ReadYaml(YamlDotNet.Core.IParser parser, Type type, ObjectDeserializer rootDeserializer) =>
            throw new NotSupportedException();

        public void WriteYaml(YamlDotNet.Core.IEmitter emitter, object? value, Type type, ObjectSerializer serializer) =>
            emitter.Emit(new YamlDotNet.Core.Events.Scalar(SettingName.Of(value!.ToString()!)));
    }
}
