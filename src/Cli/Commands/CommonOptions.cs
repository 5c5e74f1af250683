using System.CommandLine;
using System.CommandLine.Completions;
using ActionStream.Core.Configuration;
using ActionStream.Inference.Configuration;
using ActionStream.Models;
using ActionStream.Models.Graphs;

namespace ActionStream.Cli.Commands;

/// <summary>Options that mean the same in every verb.</summary>
internal static class CommonOptions
{
    public static Option<bool> Json() =>
        new("--json") { Description = "One JSON document on standard output; logs stay on standard error." };

    public static Option<Precision> Precision() =>
        new("--precision") { Description = "fp32, fp16 (for a GPU; half the memory) or int8 (for a CPU; products with weights in bytes)." };

    public static Option<string> Config() => new("--config", "-c") { Description = "The configuration, a YAML file.", Required = true };

    public static Option<int?> Hop() =>
        new("--hop") { Description = "Sampled frames from one window to the next; a quarter of the model's frames if not given." };

    public static Option<WindowPath> Path() => Choice<WindowPath>(
        "--path", "cached keeps tokens between windows, full does not; the answers are the same. auto: cached where the model allows it.",
        WindowPath.Auto);

    public static Option<DeviceRequest> Device() => Choice<DeviceRequest>(
        "--device", "Where the model runs. Only on the CPU two runs are promised to be equal to the last bit.", DeviceRequest.Cpu);

    /// <summary>Shells complete it by the names of the presets.</summary>
    public static void CompletePresets(List<Func<CompletionContext, IEnumerable<CompletionItem>>> sources) =>
        sources.Add(_ => Presets.All.Select(preset => new CompletionItem(preset.Name)));

    // In the words of the configuration; the library's own message would name a type of ours.
    private static Option<T> Choice<T>(string name, string description, T usual)
        where T : struct, Enum
    {
        var words = Enum.GetValues<T>().ToDictionary(choice => SettingName.Of(choice.ToString()));
        var option = new Option<T>(name)
        {
            Description = description,
            HelpName = string.Join('|', words.Keys),
            DefaultValueFactory = _ => usual,
            CustomParser = parsed =>
            {
                if (words.TryGetValue(parsed.Tokens[0].Value, out var choice))
                {
                    return choice;
                }

                parsed.AddError($"{name} is {parsed.Tokens[0].Value}; expected {string.Join(", ", words.Keys)}");
                return usual;
            },
        };
        option.CompletionSources.Clear();
        option.CompletionSources.Add([.. words.Keys]);
        return option;
    }
}
