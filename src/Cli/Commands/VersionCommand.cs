using System.CommandLine;
using ActionStream.Core.Configuration;
using ActionStream.Host;
using ActionStream.Host.Output;
using ActionStream.Inference.Onnx;
using ActionStream.Ingest.Ffmpeg;
using ActionStream.Ingest.Sources;
using ActionStream.Publish.Mqtt.Receiving;

namespace ActionStream.Cli.Commands;

/// <summary>`version`: this build and the versions of what it is built on.</summary>
internal static class VersionCommand
{
    public static Command Create()
    {
        var json = CommonOptions.Json();
        var command = new Command("version", "This build and the versions of what it is built on.") { json };
        command.SetAction(parsed =>
        {
            var answer = new
            {
                Product.Version,
                Dotnet = Environment.Version.ToString(),
                OnnxRuntime = OnnxSessionFactory.RuntimeVersion,
                Ffmpeg = FfmpegVersion(),
                Providers = new
                {
                    Ffmpeg = $"FFMpegCore {PackageVersion.Of("FFMpegCore")}",
                    Mqtt = $"MQTTnet {PackageVersion.Of("MQTTnet")}",
                    Metrics = $"prometheus-net {PackageVersion.Of("prometheus-net")}",
                },
            };
            if (parsed.GetValue(json))
            {
                AnswerJson.Write(answer);
            }
            else
            {
                Console.WriteLine($"""
                    actionstream {answer.Version}
                      .NET          {answer.Dotnet}
                      ONNX Runtime  {answer.OnnxRuntime}
                      ffmpeg        {answer.Ffmpeg} by {answer.Providers.Ffmpeg}
                      MQTT          {answer.Providers.Mqtt}
                      metrics       {answer.Providers.Metrics}
                    """);
            }

            return ExitCode.Good;
        });
        return command;
    }

    private static string FfmpegVersion()
    {
        try
        {
            return FfmpegTool.Find().Version;
        }
        catch (SourceException missing)
        {
            return missing.Message;
        }
    }
}
