using System.CommandLine;
using ActionStream.Host.Output;
using ActionStream.Inference.Onnx;
using ActionStream.Ingest;
using ActionStream.Ingest.Ffmpeg;
using ActionStream.Publish.Mqtt;
using ActionStream.Publish.Prometheus;

namespace ActionStream.Host.Commands;

/// <summary>`version`: this build, its package set, and what stands behind each seam.</summary>
internal static class VersionCommand
{
    public static Command Create()
    {
        var json = CommonOptions.Json();
        var command = new Command("version", "Version, package set, and what stands behind each seam.") { json };
        command.SetAction(parsed =>
        {
            var ffmpeg = new FfmpegProvider(TimeProvider.System);
            var answer = new
            {
                Product.Version,
                Product.Packages,
                Dotnet = Environment.Version.ToString(),
                OnnxRuntime = OnnxSessionFactory.RuntimeVersion,
                Ffmpeg = FfmpegVersion(),
                Providers = new
                {
                    Ffmpeg = $"{ffmpeg.Name} {ffmpeg.Version}",
                    Mqtt = $"{MqttProvider.Name} {MqttProvider.Version}",
                    Metrics = $"{MetricsProvider.Name} {MetricsProvider.Version}",
                },
            };
            if (parsed.GetValue(json))
            {
                Terminal.WriteJson(answer);
            }
            else
            {
                Console.WriteLine($"""
                    actionstream {answer.Version} (package set {answer.Packages})
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
