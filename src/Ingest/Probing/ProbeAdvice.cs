using System.Globalization;
using ActionStream.Core.Configuration;
using ActionStream.Ingest.Packets.Gating;
using ActionStream.Ingest.Sources;
using ActionStream.Ingest.Windowing;

namespace ActionStream.Ingest.Probing;

/// <summary>From what a camera sends to how it should be set. Pure; silent where the defaults are right.</summary>
public static class ProbeAdvice
{
    /// <summary>Frames as large as a model's input several times over are decoded for nothing.</summary>
    private const int Large = 1280 * 720;

    private static readonly SourceOptions Usual = new();

    /// <param name="interval">The model's sampling interval.</param>
    /// <param name="knowsStreams">Its other streams are known, and advice about them is given elsewhere.</param>
    public static IReadOnlyList<Suggestion> For(ProbeReport report, TimeSpan interval, bool knowsStreams = false) =>
    [
        .. Size(report).Skip(knowsStreams && IsLarge(report) ? 1 : 0), .. Rate(report, interval), .. KeyFrames(report), .. Order(report),
        .. Times(report), .. Sleep(report),
        .. report.Transport is { } transport && transport != Usual.Transport
            ? [new(
                "transport", SettingName.Of(transport.ToString()), "the camera does not carry frames over TCP; lost datagrams smear them")]
            : Array.Empty<Suggestion>(),
    ];

    private static IEnumerable<Suggestion> Size(ProbeReport report)
    {
        var (size, fps) = (report.Facts.Size, report.Packets.Fps ?? report.Facts.NominalFps ?? 25);
        if (IsLarge(report))
        {
            var times = size.Width * size.Height * fps / (640 * 360 * 10);
            yield return new(null, null, Text($"use its sub-stream: {size.Width}x{size.Height} at {fps:0.#} fps costs about {times:0} ")
                + "times as much to decode as 640x360 at 10 fps, and a model sees little more of it");
            yield return report.Hwaccel is { } works
                ? new("hwaccel", works, $"{works} works on this machine and takes the decoding off the processor; auto would choose it too")
                : new(null, null, "no hardware decoder works on this machine, so decoding is the processor's");
        }
    }

    private static bool IsLarge(ProbeReport report) => report.Facts.Size.Width * report.Facts.Size.Height >= Large;

    private static IEnumerable<Suggestion> Rate(ProbeReport report, TimeSpan interval)
    {
        var wanted = 1 / interval.TotalSeconds;
        if (report.Packets.Fps is { } fps && fps < 0.75 * wanted)
        {
            yield return new(null, null, Text($"raise its frame rate to {wanted:0.#} or more: it sends {fps:0.#} a second, ")
                + $"the model wants one every {SettingText.Of(interval)}, and windows with empty slots count for less");
        }
    }

    private static IEnumerable<Suggestion> KeyFrames(ProbeReport report)
    {
        if (!report.IsLive)
        {
            yield break;
        }

        var isSeen = report.Packets.KeyFrameInterval is not null;
        if ((report.Packets.KeyFrameInterval ?? report.Packets.Span) is not { TotalSeconds: > 1 } interval)
        {
            yield break;
        }

        var (whole, seen) = (TimeSpan.FromSeconds(Math.Ceiling(interval.TotalSeconds)),
            isSeen ? "a key frame comes"
            : report.Packets.Packets.Any(packet => packet.IsKey) ? "no key frame came but one: one comes at most"
            : "no key frame came: one comes at most");
        if (isSeen && whole > Usual.Quality.DamagedFor)
        {
            yield return new(
                "quality.damaged_for", SettingText.Of(whole),
                Text($"{seen} every {interval.TotalSeconds:0.#} s, and until then a smear stays"));
        }

        if (2 * whole > Usual.Quality.FrozenAfter)
        {
            yield return new(
                "quality.frozen_after", SettingText.Of(2 * whole),
                Text($"{seen} every {interval.TotalSeconds:0.#} s, and a still scene may not change before"));
        }

        if (2 * whole > Usual.ConnectTimeout)
        {
            yield return new(
                "connect_timeout", SettingText.Of(2 * whole),
                Text($"{seen} every {interval.TotalSeconds:0.#} s, and nothing is seen before the first"));
        }

        if (interval > TimeSpan.FromSeconds(4))
        {
            yield return new(
                null, null,
                "set its key frame distance (I-frame interval, GOV) to 1 or 2 seconds: connecting, and getting over a lost packet, "
                + "take as long");
        }
    }

    private static IEnumerable<Suggestion> Order(ProbeReport report)
    {
        if (report is { IsLive: true, Packets.IsReordered: true })
        {
            yield return new(null, null, "switch its B-frames off: each frame waits for a later one, so every answer comes later");
        }
    }

    private static IEnumerable<Suggestion> Times(ProbeReport report)
    {
        if (report.Packets.LacksTimes)
        {
            yield return new(
                null, null,
                "its format carries no times, so frames are dated by their arrival; its RTSP address, if it has one, is better");
        }
        else if (report.IsLive && report.Packets.Drift is { } drift && Math.Abs(drift) > StreamClock.RunsAway)
        {
            yield return new(
                null, null,
                Text($"its clock runs {Math.Abs(drift):p0} {(drift > 0 ? "slow" : "fast")}, which no window can be cut by: ")
                + "set its frame rate to what it really sends, or update it");
        }
    }

    private static IEnumerable<Suggestion> Sleep(ProbeReport report)
    {
        var why = report.Sleep?.AwakeBecause ?? [];
        if (why.Contains(WakeReasons.Untrusted.Words[0]))
        {
            yield return new(
                null, null,
                "let its bit rate vary (VBR) and a key frame come every 1 to 4 seconds: so its bits show whether anything moves, and it "
                + "can sleep, which saves most of what it costs; noise at night hides it too");
        }
        else if (why.Contains(WakeReasons.Unreadable.Words[0]))
        {
            yield return new(
                null, null,
                "switch it to H.264 or H.265: how it is coded now does not show whether anything moves, so it is always decoded");
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
