using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using ActionStream.Host;
using ActionStream.Host.Output;
using ActionStream.Models;
using ActionStream.Models.Networks;
using Spectre.Console;

namespace ActionStream.Cli.Commands.Models;

/// <summary>`models flops`: what a network costs, module by module.</summary>
internal static class ModelCosts
{
    public static Command Create()
    {
        var what = new Argument<string>("what")
        {
            Description = "A preset, a published configuration's name, or a configuration file (.json).",
        };
        CommonOptions.CompletePresets(what.CompletionSources);
        var json = CommonOptions.Json();
        var command = new Command(
            "flops", "Parameters and multiply-accumulates of one clip, by module (1 MAC is what papers call 1 FLOP).") { what, json };
        command.SetAction(parsed => Run(parsed.GetRequiredValue(what), parsed.GetValue(json)));
        return command;
    }

    private static int Run(string what, bool json)
    {
        try
        {
            var cost = Count(what);
            if (json)
            {
                AnswerJson.Write(new
                {
                    Model = what,
                    cost.Macs,
                    cost.Parameters,
                    MacsAsBuilt = Presets.Find(what) is { } preset ? FlopCounter.CountAsBuilt(preset).Macs : (long?)null,
                    Modules = cost.Modules.Select(module => new { module.Module, module.Parameters, module.Macs }),
                });
                return ExitCode.Good;
            }

            var table = new Table().Border(TableBorder.Simple).AddColumn("module");
            table.AddColumn(new TableColumn("parameters").RightAligned()).AddColumn(new TableColumn("MACs").RightAligned());
            foreach (var module in cost.Modules)
            {
                table.AddRow(module.Module, Grouped(module.Parameters), Grouped(module.Macs));
            }

            table.AddRow("total", Grouped(cost.Parameters), Grouped(cost.Macs));
            AnsiConsole.Write(table);
            return ExitCode.Good;
        }
        catch (Exception wrong) when (wrong is ModelBuildException or JsonException)
        {
            throw new UsageException(wrong is JsonException ? $"{what} is not JSON: {wrong.Message}" : wrong.Message);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"cannot read {what}: {unreadable.Message}");
        }
    }

    private static ModelCost Count(string what)
    {
        if (Presets.Find(what) is { } preset)
        {
            return FlopCounter.Count(preset);
        }

        if (!ConfiguredCost.Published.TryGetValue(what, out var text))
        {
            text = File.Exists(what)
                ? File.ReadAllText(what)
                : throw new ModelBuildException($"{Presets.Unknown(what)}; and there is no such file");
        }

        using var config = JsonDocument.Parse(text);
        return ConfiguredCost.Count(config.RootElement);
    }

    private static string Grouped(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
