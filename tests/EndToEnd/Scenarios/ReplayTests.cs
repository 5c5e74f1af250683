using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActionStream.EndToEnd.Contracts.Ingest;
using ActionStream.EndToEnd.Support;

namespace ActionStream.EndToEnd.Scenarios;

/// <summary>What a recording gives, by real ffmpeg and a real model: the same every time, by either
/// path, and what a camera would give.</summary>
public sealed class ReplayTests : IDisposable
{
    private static readonly string Clip = Path.Combine(Parts.Root, "configs", "demo", "clip.mp4");

    private readonly string _folder = Directory.CreateTempSubdirectory("replay").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [NeedsFact("ffmpeg")]
    public async Task Two_runs_give_the_same_bytes_and_nothing_is_dropped()
    {
        var (first, firstLines) = await ReplayAsync("a", Clip, "-c", Config());
        var (second, secondLines) = await ReplayAsync("b", Clip, "-c", Config());

        Assert.NotEmpty(firstLines);
        Assert.Equal(firstLines, secondLines);
        Assert.True(first["clips_per_s"]!.GetValue<double>() > 1, "a rate");
        Assert.True(first.Remove("clips_per_s") && second.Remove("clips_per_s"));
        Assert.Equal(first.ToJsonString(), second.ToJsonString());

        // 8 pictures a second, a window of 16, a decision at every other one.
        var seconds = first["seconds"]!.GetValue<double>();
        var frames = (int)Math.Round(seconds * 8);
        Assert.Equal(frames, first["frames"]!.GetValue<int>());
        Assert.Equal((frames - 16) / 2 + 1, first["clips"]!.GetValue<int>());
        Assert.Equal(first["clips"]!.GetValue<int>(), first["scores"]!.AsArray().Count);
    }

    [NeedsFact("ffmpeg")]
    public async Task Kept_tokens_give_the_events_and_scores_of_whole_windows()
    {
        foreach (var hop in (string[])["1", "3"])
        {
            var (cachedScores, fullScores) = (Path.Combine(_folder, "cached.scores"), Path.Combine(_folder, "full.scores"));
            var (cached, cachedLines) = await ReplayAsync(
                "cached", Clip, "-c", Config(), "--hop", hop, "--path", "cached", "--scores", cachedScores);
            var (full, fullLines) = await ReplayAsync("full", Clip, "-c", Config(), "--hop", hop, "--path", "full", "--scores", fullScores);

            Assert.Equal(("cached", "full"), (cached["path"]!.GetValue<string>(), full["path"]!.GetValue<string>()));
            Assert.True(fullLines.Split('\n').Length > 6, fullLines);
            Assert.Equal(fullLines, cachedLines);
            Assert.Equal(full["scores"]!.ToJsonString(), cached["scores"]!.ToJsonString());

            // Every window's scores by themselves, before smoothing: one line each, of all labels together 1.
            var windows = (await File.ReadAllLinesAsync(cachedScores)).Select(line => JsonDocument.Parse(line).RootElement).ToArray();
            var others = (await File.ReadAllLinesAsync(fullScores)).Select(line => JsonDocument.Parse(line).RootElement).ToArray();
            Assert.Equal(cached["clips"]!.GetValue<int>(), windows.Length);
            Assert.Equal(others.Length, windows.Length);
            Assert.All(windows.Zip(others), pair =>
            {
                var (kept, whole) = (Values(pair.First), Values(pair.Second));
                Assert.Equal(whole.Length, kept.Length);
                Assert.All(kept.Zip(whole), values => Assert.Equal(values.Second, values.First, 1e-6));
                Assert.Equal(1, kept.Sum(), 1e-4);
                // a picture lies up to 20 ms from its place in the grid
                Assert.Equal(15 * 0.125, pair.First.GetProperty("end").GetDouble() - pair.First.GetProperty("start").GetDouble(), 0.045);
            });
        }

        static double[] Values(JsonElement window) => [.. window.GetProperty("scores").EnumerateArray().Select(score => score.GetDouble())];
    }

    [NeedsFact("ffmpeg")]
    public async Task Zones_of_events_and_classes_limited_to_them_are_the_same_by_either_path()
    {
        // Untrained, it looks nearly everywhere: the halves change places with every breath.
        const string Zones = """
            zones:
                  left: {points: [[0, 0], [0.5, 0], [0.5, 1], [0, 1]], min_share: 0.5}
                  right: {points: [[0.5, 0], [1, 0], [1, 1], [0.5, 1]], min_share: 0.5}
            """;
        var (_, anywhere) = await ReplayAsync("anywhere", Clip, "-c", Config());
        foreach (var (gate, hop) in ((string, string)[])[("", "1"), (", zones: [left]", "1"), (", zones: [right]", "3")])
        {
            var config = Config(camera: Zones, events: gate);
            var (cached, cachedLines) = await ReplayAsync("cached", Clip, "-c", config, "--hop", hop, "--path", "cached");
            var (full, fullLines) = await ReplayAsync("full", Clip, "-c", config, "--hop", hop, "--path", "full");

            Assert.Equal(fullLines, cachedLines);
            Assert.Equal(full["scores"]!.ToJsonString(), cached["scores"]!.ToJsonString());
            var events = cached["events"]!.AsArray();
            Assert.NotEmpty(events);
            Assert.All(events, message => Assert.Equal(["left", "right"], message!["attention"]!.AsObject().Select(zone => zone.Key)));
            Assert.All(
                events, message => Assert.Equal(1, message!["attention"]!.AsObject().Sum(zone => zone.Value!.GetValue<double>()), 3));
            Assert.All(events, message => Assert.NotEmpty(message!["zones"]!.AsArray()));
            if (gate.Length > 0)
            {
                var zone = gate[^(gate.Contains("left", StringComparison.Ordinal) ? 5 : 6)..^1];
                Assert.All(events, message => Assert.Contains(zone, message!["zones"]!.AsArray().Select(name => name!.GetValue<string>())));
                Assert.All(
                    events.Where(message => Text(message!, "type") == "start"),
                    message => Assert.Contains(zone, message!["current_zones"]!.AsArray().Select(name => name!.GetValue<string>())));
            }
        }

        Assert.DoesNotContain("attention", anywhere, StringComparison.Ordinal);

        static string Text(JsonNode message, string name) => message[name]!.GetValue<string>();
    }

    [NeedsFact("ffmpeg")]
    public async Task Zones_as_crops_need_no_word_of_the_model()
    {
        // The recipe of docs/operating.md: one address, a camera for each zone.
        var folder = TestModel.Copy();
        var card = Path.Combine(folder, "card.yaml");
        var lines = await File.ReadAllLinesAsync(card);
        var from = Array.FindIndex(lines, line => line.StartsWith("streaming:", StringComparison.Ordinal));
        var until = Array.FindIndex(lines, from + 1, line => line.Length > 0 && !char.IsWhiteSpace(line[0]));
        await File.WriteAllLinesAsync(card, [.. lines[..from], .. until < 0 ? [] : lines[until..]]);
        var config = Path.Combine(_folder, "zones.yaml");
        await File.WriteAllTextAsync(config, $$"""
            model: {path: "{{folder}}", device: cpu}
            cameras:
              hall:
                url: rtsp://cam/1
                events: {enter: 0.05, leave: 0.04, min_duration: 0ms, merge_gap: 0ms}
                zones:
                  stairs: {points: [[0.5, 0], [1, 0], [1, 1], [0.5, 1]]}
            """);
        var (code, _, all) = await Service.RunAsync(["check", "-c", config]);
        Assert.True(code == 2, all);
        Assert.Contains("zones.yaml:6: cameras.hall.zones need a model that says where it looks", all, StringComparison.Ordinal);
        Assert.Contains("a camera of its own with the same url and a crop", all, StringComparison.Ordinal);

        var yaml = await File.ReadAllTextAsync(config);
        yaml = yaml[..yaml.IndexOf("    zones:", StringComparison.Ordinal)] + """
              hall-stairs:
                url: rtsp://cam/1
                crop: {x: 0.5, y: 0, width: 0.5, height: 1}
                events: {enter: 0.05, leave: 0.04, min_duration: 0ms, merge_gap: 0ms}
            """;
        await File.WriteAllTextAsync(config, yaml);
        (code, _, all) = await Service.RunAsync(["check", "-c", config]);
        Assert.True(code == 0, all);

        var (whole, _) = await ReplayAsync("hall", Clip, "-c", config, "--camera", "hall");
        var (stairs, _) = await ReplayAsync("hall-stairs", Clip, "-c", config, "--camera", "hall-stairs");
        Assert.Equal(whole["clips"]!.GetValue<int>(), stairs["clips"]!.GetValue<int>());
        Assert.NotEqual(whole["scores"]!.ToJsonString(), stairs["scores"]!.ToJsonString()); // it sees another picture
        Directory.Delete(folder, recursive: true);
    }

    [NeedsFact("ffmpeg")]
    public async Task The_events_are_the_MQTT_messages_with_the_recordings_times()
    {
        var (answer, lines) = await ReplayAsync("shape", Clip, "-c", Config());
        var messages = lines.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(
            answer["events"]!.AsArray().Select(message => message!.ToJsonString()),
            messages.Select(line => JsonNode.Parse(line)!.ToJsonString()));

        var read = messages.Select(line => JsonDocument.Parse(line).RootElement).ToArray();
        Assert.Equal(Enumerable.Range(0, read.Length), read.Select(message => message.GetProperty("seq").GetInt32()));
        Assert.All(read, message =>
        {
            Assert.Equal(("replay", "site", "door"), (Text(message, "boot_id"), Text(message, "node"), Text(message, "camera")));
            Assert.InRange(message.GetProperty("start_time").GetDouble(), 1, answer["seconds"]!.GetValue<double>());
            Assert.Equal(0, message.GetProperty("latency_ms").GetProperty("total").GetDouble());
        });
        foreach (var one in read.GroupBy(message => Text(message, "event_id")))
        {
            Assert.Equal(("start", "end"), (Text(one.First(), "type"), Text(one.Last(), "type")));
            Assert.Single(one, message => Text(message, "type") == "end");
        }
    }

    [NeedsFact("ffmpeg", "mosquitto", "mosquitto_sub")]
    public async Task A_camera_that_shows_the_same_says_the_same()
    {
        await using var broker = await Mosquitto.StartAsync();
        await using var listener = await Listener.StartAsync(broker.Port);
        var config = Config($"http: {{port: 0}}\nmqtt: {{port: {broker.Port}}}", Clip);
        await using var service = await Service.StartAsync(await File.ReadAllTextAsync(config));
        await listener.NextAsync(
            message => message.Topic.EndsWith("/status", StringComparison.Ordinal)
                && message.Payload.Contains("ended", StringComparison.Ordinal),
            TimeSpan.FromSeconds(60));
        Assert.Equal(0, await service.StopAsync());
        var live = listener.Messages.Where(message => message.Topic.EndsWith("/scores", StringComparison.Ordinal))
            .Select(message => Leading(message.Json)).ToArray();

        var (answer, _) = await ReplayAsync("live", Clip, "-c", config);
        var replayed = answer["scores"]!.AsArray().Select(score => $"{score![1]} {score[2]!.GetValue<double>():0.0000}").ToArray();
        Assert.True(live.Length > 50, $"{live.Length} scores");

        // The last windows are still on their way when the file ends, and a camera that is gone has no say.
        Assert.InRange(replayed.Length - live.Length, 0, 3);
        Assert.Equal(replayed[..live.Length], live);

        static string Leading(JsonElement message)
        {
            var top = message.GetProperty("topk")[0];
            return string.Create(CultureInfo.InvariantCulture, $"{top[0].GetString()} {top[1].GetDouble():0.0000}");
        }
    }

    [NeedsFact("ffmpeg")]
    public async Task A_recording_on_a_server_gives_what_the_file_gives()
    {
        var video = Videos.MpegTs;
        var port = Ports.Free();
        using var server = new HttpListener { Prefixes = { $"http://127.0.0.1:{port}/" } };
        server.Start();
        var bytes = await File.ReadAllBytesAsync(video);
        var serving = ServeAsync(server, bytes, bytes.Length);

        var (answer, lines) = await ReplayAsync("http", $"http://127.0.0.1:{port}/clip.ts", "-c", Config());
        var (expected, expectedLines) = await ReplayAsync("file", video, "-c", Config());
        Assert.NotEmpty(expectedLines);
        Assert.Equal(expectedLines, lines);
        Assert.Equal(expected["frames"]!.GetValue<int>(), answer["frames"]!.GetValue<int>());
        server.Stop();
        await serving;
    }

    [NeedsFact("ffmpeg")]
    public async Task A_recording_that_breaks_off_on_its_way_is_not_taken_for_a_short_one()
    {
        var port = Ports.Free();
        using var server = new HttpListener { Prefixes = { $"http://127.0.0.1:{port}/" } };
        server.Start();
        var bytes = await File.ReadAllBytesAsync(Videos.MpegTs);
        var serving = ServeAsync(server, bytes, bytes.Length / 2);

        var (code, _, all) = await Service.RunAsync(["replay", $"http://127.0.0.1:{port}/clip.ts", "--model", TestModel.Folder]);
        Assert.True(code == 1, $"exit code {code}:\n{all}");
        Assert.Contains("broke off before its end", all, StringComparison.Ordinal);
        server.Stop();
        await serving;
    }

    [NeedsFact("ffmpeg")]
    public async Task People_get_a_table_and_are_told_what_an_untrained_model_means()
    {
        var (code, output, all) = await Service.RunAsync(["replay", Clip, "-c", Config()]);
        Assert.True(code == 0, all);
        Assert.Contains("is UNTRAINED: its labels mean nothing", output, StringComparison.Ordinal);
        Assert.Contains("from s      to s   seconds", output, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', output);
    }

    [NeedsFact("ffmpeg")]
    public async Task A_recording_shorter_than_a_window_gives_no_window_and_says_why()
    {
        var video = Path.Combine(_folder, "short.mp4");
        await File.WriteAllBytesAsync(video, Videos.Output(
            "-f lavfi -i testsrc2=size=160x120:rate=25:duration=1 -c:v libx264 -preset ultrafast -movflags frag_keyframe -f mp4"));
        var (code, output, all) = await Service.RunAsync(["replay", video, "--model", TestModel.Folder]);
        Assert.True(code == 1, all);
        Assert.Contains("short.mp4 is 1 s long; a window needs 2 s: 16 frames, one every 125 ms", all, StringComparison.Ordinal);
        Assert.DoesNotContain("a window needs", output, StringComparison.Ordinal);
    }

    [NeedsFact("ffmpeg")]
    public async Task A_cover_or_a_still_before_the_film_is_passed_over()
    {
        var film = await WindowsAsync(Videos.Mp4);
        Assert.True(film.Code == 0 && film.Windows > 0, film.All);
        foreach (var video in (string[])[Videos.StillFirst, Videos.CoverFirst])
        {
            var other = await WindowsAsync(video);
            Assert.True(other.Code == 0, other.All);
            Assert.Equal(film.Windows, other.Windows);
        }

        var (code, _, all) = await Service.RunAsync(["replay", Videos.Still, "--model", TestModel.Folder]);
        Assert.Equal(1, code);
        Assert.Contains("holds a single frame, as a still does; a window needs 2 s", all, StringComparison.Ordinal);

        static async Task<(int Code, int Windows, string All)> WindowsAsync(string video)
        {
            var (code, output, all) = await Service.RunAsync(["replay", video, "--model", TestModel.Folder, "--json"]);
            return (code, code == 0 ? JsonDocument.Parse(output).RootElement.GetProperty("clips").GetInt32() : 0, all);
        }
    }

    [NeedsFact("ffmpeg")]
    public async Task Every_mistake_gets_one_message()
    {
        string[] model = ["--model", TestModel.Folder];
        await ExpectAsync("nowhere.mp4 does not exist", ["replay", "nowhere.mp4", .. model]);
        await ExpectAsync("src is a folder", ["replay", "src", .. model]);
        await ExpectAsync("README.md cannot be read", ["replay", "README.md", .. model]);
        await ExpectAsync("has no video stream", ["replay", Videos.Sound, .. model]);
        await ExpectAsync("--hop is 17; expected 1 to 16", ["replay", Clip, "--hop", "17", .. model]);
        await ExpectAsync("--path is cache; expected auto, cached, full", ["replay", Clip, "--path", "cache", .. model]);
        await ExpectAsync("--camera is doof", ["replay", Clip, "-c", Config(), "--camera", "doof"]);
        await ExpectAsync("give that with -c", ["replay", Clip, "--camera", "door", .. model]);
        await ExpectAsync("/nowhere/out.jsonl cannot be written", ["replay", Clip, "--out", "/nowhere/out.jsonl", .. model]);
        await ExpectAsync("models build", ["replay", Clip, "--model", "/nowhere"]);
    }

    private static async Task ServeAsync(HttpListener server, byte[] file, int until)
    {
        try
        {
            while (true)
            {
                var response = (await server.GetContextAsync()).Response;
                response.ContentLength64 = file.Length;
                await response.OutputStream.WriteAsync(file.AsMemory(0, until));
                response.Abort(); // all is said, or the line is cut
            }
        }
        catch (Exception stopped) when (stopped is HttpListenerException or ObjectDisposedException)
        {
            // By the test, or the reader has gone.
        }
    }

    private static string Text(JsonElement message, string name) => message.GetProperty(name).GetString()!;

    // An untrained model is seldom sure: thresholds low enough for many events.
    private string Config(string more = "", string url = "rtsp://nowhere/door", string camera = "", string events = "")
    {
        var path = Path.Combine(_folder, "site.yaml");
        File.WriteAllText(path, $$"""
            node: site
            model: {path: "{{TestModel.Folder}}", device: cpu, batch: {deadline: 0s} }
            cameras:
              door:
                url: "{{url}}"
                hop: 2
                events: {enter: 0.05, leave: 0.04, min_duration: 0ms, merge_gap: 0ms, scores: every{{events}}}
                {{camera}}
            {{more}}
            """);
        return path;
    }

    private async Task<(JsonObject Answer, string Lines)> ReplayAsync(string name, string video, params string[] more)
    {
        var lines = Path.Combine(_folder, name + ".jsonl");
        var (code, output, all) = await Service.RunAsync(["replay", video, "--json", "--out", lines, .. more]);
        Assert.True(code == 0, all);
        return (JsonNode.Parse(output)!.AsObject(), await File.ReadAllTextAsync(lines));
    }

    internal static async Task ExpectAsync(string message, string[] arguments)
    {
        var (code, _, all) = await Service.RunAsync(arguments);
        Assert.True(code == 2, $"exit code {code}, expected 2:\n{all}");
        Assert.Contains(message, all, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", all, StringComparison.Ordinal);
    }
}
