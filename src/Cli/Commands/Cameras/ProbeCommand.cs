using System.CommandLine;
using System.Globalization;
using ActionStream.Cli.Output;
using ActionStream.Core.Configuration;
using ActionStream.Core.Media;
using ActionStream.Core.Modelling;
using ActionStream.Host;
using ActionStream.Host.Configuration;
using ActionStream.Host.Output;
using ActionStream.Ingest.Ffmpeg;
using ActionStream.Ingest.Onvif;
using ActionStream.Ingest.Probing;
using ActionStream.Ingest.Sources;

namespace ActionStream.Cli.Commands.Cameras;

/// <summary>`probe`: what a camera really sends, and which settings suit it.</summary>
internal static class ProbeCommand
{
    public static Command Create()
    {
        var url = new Argument<string>("url")
        {
            Description = "The camera's address, as in `url` of a configuration. Its password is never shown.",
        };
        var watch = new Option<double>("--seconds") { Description = "How long to look at what it sends.", DefaultValueFactory = _ => 10 };
        var timeout = new Option<double>("--timeout")
        {
            Description = "Seconds until it must have answered.",
            DefaultValueFactory = _ => 10,
        };
        var onvif = new Option<bool>("--onvif")
        {
            Description = "Also ask the camera by ONVIF for its other streams, with the url's login.",
        };
        var onvifAddress = new Option<string?>("--onvif-address")
        {
            Description = $"The same, where the camera does not answer at its usual ports: {OnvifAddress.Expected}.",
        };
        var json = CommonOptions.Json();
        var command = new Command(
            "probe", "What a camera really sends: codec, size, rates, key frames, delay; "
                + "and the settings that suit it.") { url, watch, timeout, onvif, onvifAddress, json };
        command.SetAction((parsed, cancel) => RunAsync(
            Expect(parsed.GetRequiredValue(url)), Seconds(parsed.GetValue(watch), "--seconds", 600),
            Seconds(parsed.GetValue(timeout), "--timeout", 120),
            OtherStreams.AddressOf(parsed.GetRequiredValue(url), parsed.GetValue(onvif), parsed.GetValue(onvifAddress)),
            parsed.GetValue(json), cancel));
        return command;
    }

    private static async Task<int> RunAsync(
        string url, TimeSpan watch, TimeSpan timeout, OnvifAddress? onvif, bool json, CancellationToken cancel)
    {
        var input = PackagedModel.Input();
        using var pool = new PixelPool();
        var time = TimeProvider.System;
        var environment = new FfmpegEnvironment(new FfmpegLauncher(time), () => FfmpegTool.Find(), pool, time);
        var probe = new SourceProbe(environment, watch);
        try
        {
            var source = new SourceOptions { Url = url, ConnectTimeout = timeout, StallTimeout = timeout };
            var look = probe.LookAsync(source, new FrameSpec(input.Interval, input.Size, input.Fit), cancel);
            var report = json ? await look : await WaitingLine.OnError.ShowAsync(Waiting(url, watch, timeout), look);
            var others = onvif is null ? null : await OtherStreams.AskAsync(url, onvif, report, input, environment, cancel);
            Suggestion[] suggestions = [.. others?.Advice ?? [], .. ProbeAdvice.For(report, input.Interval, others is { IsListed: true })];
            if (json)
            {
                AnswerJson.Write(Answer(report, suggestions, others));
            }
            else
            {
                ProbeText.Write(report, suggestions, Console.Out);
                others?.Write(Console.Out);
            }

            return ExitCode.Good;
        }
        catch (SourceException broken) when (json)
        {
            AnswerJson.Write(new { Url = SafeUri.Of(url), Fault = broken.Fault.Label, Problem = broken.Message });
            return CodeOf(broken);
        }
        catch (SourceException broken)
        {
            Terminal.WriteError($"{broken.Fault.Label}: {broken.Message}");
            return CodeOf(broken);
        }
    }

    private static string Waiting(string url, TimeSpan watch, TimeSpan timeout) => string.Create(
        CultureInfo.InvariantCulture,
        $"looking at {SafeUri.Scrub(url)} for {watch.TotalSeconds:0.#} s, once it answers (within {timeout.TotalSeconds:0.#} s)");

    private static int CodeOf(SourceException broken) => broken.Fault == SourceFault.NoFfmpeg ? ExitCode.Wrong : ExitCode.Failed;

    private static object Answer(ProbeReport report, IReadOnlyList<Suggestion> suggestions, OtherStreams? others) => new
    {
        Url = report.Safe,
        report.Transport,
        report.Facts.Codec,
        report.Facts.Profile,
        report.Facts.PixelFormat,
        report.Facts.Size.Width,
        report.Facts.Size.Height,
        Fps = new { Nominal = report.Facts.NominalFps, Seen = Rounded(report.Packets.Fps) },
        BitsPerSecond = report.Packets.BitsPerSecond is { } bits ? (long?)Math.Round(bits) : null,
        KeyFrameIntervalS = Rounded(report.Packets.KeyFrameInterval?.TotalSeconds),
        report.Packets.IsReordered,
        TimeToFirstFrameS = Rounded(report.FirstFrame.TotalSeconds),
        ClockSkewMs = report.IsLive ? Rounded(report.Packets.Skew?.TotalMilliseconds) : null,
        WatchedS = Rounded(report.Packets.Span.TotalSeconds),
        Frames = report.Packets.Packets.Count,
        AsleepShare = Rounded(report.Sleep?.Share),
        Wakes = report.Sleep?.Wakes,
        StaysAwakeBecause = report.Sleep?.AwakeBecause,
        report.Hwaccel,
        Suggestions = suggestions,
        Onvif = others?.Answer,
    };

    private static double? Rounded(double? value) => value is { } number ? Math.Round(number, 3) : null;

    private static string Expect(string url) => SourceAddress.TryParse(url, out _)
        ? url
        : throw new UsageException(SafeUri.WhyMisread(url) is { } why
            ? $"{SafeUri.Of(url)} {why}"
            : $"{SafeUri.Of(url)} is no address of a source; expected {SourceAddress.Expected}");

    private static TimeSpan Seconds(double value, string option, double most) => value >= 1 && value <= most
        ? TimeSpan.FromSeconds(value)
        : throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"{option} is {value}; expected 1 to {most} seconds"));
}
