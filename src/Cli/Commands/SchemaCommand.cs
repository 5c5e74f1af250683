using System.CommandLine;
using ActionStream.Host;
using ActionStream.Host.Configuration;
using ActionStream.Host.Output;

namespace ActionStream.Cli.Commands;

/// <summary>`schema`: the settings as a JSON schema, for who keeps a copy beside a configuration.</summary>
internal static class SchemaCommand
{
    public static Command Create()
    {
        var command = new Command("schema", "The settings as a JSON schema for editors, as in configs/pipeline.schema.json.");
        command.SetAction(_ => Run());
        return command;
    }

    private static int Run()
    {
        var reference = ModelFolder.Packaged("configs/default.yaml", File.Exists)
            ?? throw new UsageException("configs/default.yaml, from which the descriptions come, was not found beside the program");
        AnswerJson.Write(SettingsSchema.Of(new SettingComments(reference)));
        return ExitCode.Good;
    }
}
