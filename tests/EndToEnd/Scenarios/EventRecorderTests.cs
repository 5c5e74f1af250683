using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using ActionStream.EndToEnd.Support;
using Xunit.Abstractions;

namespace ActionStream.EndToEnd.Scenarios;

/// <summary>Films of events, from a real RTSP server to a file that any player takes: what the camera sent, bit for bit.</summary>
public sealed class EventRecorderTests(ITestOutputHelper output) : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    // The test server's camera: a key frame each second. Pieces are cut at the first one after a second.
    private const double Gop = 1;
    private const double Piece = 1;

    private readonly string _folder = Directory.CreateTempSubdirectory("actionstream-clips").FullName;

    private string Ring => Path.Combine(_folder, "ring");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    // An untrained model always finds something; an event of it ends when its threshold becomes more than any score.
    private string Yaml(int broker, string cameras) =>
        $$"""
        node: edge
        model: {path: {{TestModel.Folder}}, device: cpu}
        http: {port: 0}
        mqtt: {host: 127.0.0.1, port: {{broker}} }
        media: {path: {{_folder}}/media, recordings: {enabled: true, pre_roll: 1500ms, post_roll: 2s, buffer: {{Ring}} } }
        defaults: {hop: 2, events: {labels: [walk, run], enter: 0.001, leave: 0.001, min_duration: 2s, smoothing: 0ms, merge_gap: 0ms} }
        cameras:
        {{cameras}}
        """;

    [NeedsFact("ffmpeg", "ffprobe", "mosquitto", "mosquitto_sub", "mosquitto_pub", "rtsp", "setpriv")]
    public async Task An_event_leaves_a_film_of_just_what_the_camera_sent_from_before_it_to_after_it()
    {
        await using var broker = await Mosquitto.StartAsync();
        await using var listener = await Listener.StartAsync(broker.Port, "actionstream/front/#");
        await using var camera = await RtspCamera.StartAsync();
        await using var service = await Service.StartAsync(Yaml(broker.Port, $"  front: {"{"}url: \"{camera.Url}\"{"}"}"));
        var start = await listener.NextAsync(message => IsStep(message, "start"), Limit);
        Assert.Null(start.Json.GetProperty("clip_url").GetString());
        var (id, type) = (start.Json.GetProperty("event_id").GetString()!, start.Json.GetProperty("event_type").GetString());
        await Task.Delay(3000);
        await PublishAsync(broker.Port, $"actionstream/front/threshold/{type}/set", "1");

        var end = await listener.NextAsync(
            message => IsStep(message, "end") && message.Json.GetProperty("event_id").GetString() == id, Limit);
        var url = end.Json.GetProperty("clip_url").GetString();
        Assert.Equal($"/media/front/{id}.mp4", url);
        using var client = new HttpClient { BaseAddress = service.Http };
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync(url)).StatusCode); // the post-roll has not happened yet

        var told = await listener.NextAsync(
            message => message.Topic == "actionstream/front/recordings" && message.Json.GetProperty("event_id").GetString() == id, Limit);
        Assert.Equal((url, true), (told.Json.GetProperty("clip_url").GetString(), told.Json.GetProperty("whole").GetBoolean()));
        output.WriteLine(
            string.Create(CultureInfo.InvariantCulture, $"clip {told.ReceivedAt - end.ReceivedAt:0.00} s after the end's message"));
        using var answer = await client.GetAsync(url);
        Assert.Equal("video/mp4", answer.Content.Headers.ContentType?.MediaType);
        var recording = Path.Combine(_folder, "film.mp4");
        await File.WriteAllBytesAsync(recording, await answer.Content.ReadAsByteArrayAsync());
        using var part = new HttpRequestMessage(HttpMethod.Get, url) { Headers = { Range = new RangeHeaderValue(100, 199) } };
        Assert.Equal(HttpStatusCode.PartialContent, (await client.SendAsync(part)).StatusCode); // browsers seek

        // As long as asked, and at most a piece more on either side.
        var seconds = double.Parse(await FfprobeAsync(recording, "format=duration"), CultureInfo.InvariantCulture);
        var asked = 1.5 + end.Json.GetProperty("duration").GetDouble() + 2;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{asked:0.00} s asked, {seconds:0.00} s got"));
        Assert.InRange(seconds, asked, asked + (2 * (Gop + Piece)));
        await IsWhatTheCameraSentAsync(recording);
        Assert.Equal("", (await ToolAsync("ffmpeg", "-v", "error", "-xerror", "-i", recording, "-f", "null", "-")).Trim());
        Assert.Equal(1, await service.MetricAsync("actionstream_event_recordings_total", "result=\"whole\""));
        Assert.True(await service.MetricAsync("actionstream_recording_buffer_bytes") > 0);

        // What is open gets what there is, and nothing is left in the ring.
        Assert.Equal(0, await service.StopAsync());
        Assert.Empty(Directory.EnumerateFiles(Ring, "*", SearchOption.AllDirectories));
        Assert.Empty(Directory.EnumerateFiles(_folder, "*.part", SearchOption.AllDirectories));
        foreach (var step in listener.Messages.Where(message => IsStep(message, "end")))
        {
            var file = Path.Combine(_folder, step.Json.GetProperty("clip_url").GetString()![1..]);
            Assert.Equal("", (await ToolAsync("ffmpeg", "-v", "error", "-xerror", "-i", file, "-f", "null", "-")).Trim());
        }
    }

    [NeedsFact("ffmpeg", "mosquitto", "rtsp", "setpriv")]
    public async Task After_kill_9_no_child_is_left_and_the_next_start_empties_the_ring()
    {
        await using var camera = await RtspCamera.StartAsync();
        var port = Ports.Free();
        int[] children;
        await using (var service = await Service.StartAsync(Yaml(port, $"  front: {"{"}url: \"{camera.Url}\"{"}"}")))
        {
            await UntilAsync(() => Pieces().Length >= 3, "no pieces in the ring");
            children = Processes.Children(service.Child.Id);
            Assert.NotEmpty(children);
            service.Child.Signal("KILL");
            await service.Child.ExitAsync(TimeSpan.FromSeconds(5));
        }

        await UntilAsync(() => !children.Any(Processes.IsAlive), "a child is left");
        Assert.True(Pieces().Length >= 3, "nothing to sweep");

        // Started again with another camera, so that nobody else removes them.
        await using var again = await Service.StartAsync(Yaml(port, "  test: {url: \"lavfi:testsrc2=size=160x120:rate=25\"}"));
        Assert.Empty(Pieces());
        Assert.Equal(0, await again.StopAsync());
    }

    [NeedsFact("ffmpeg", "mosquitto", "mosquitto_sub")]
    public async Task A_camera_whose_stream_cannot_be_kept_is_looked_at_all_the_same_and_it_is_said_once()
    {
        var motion = Path.Combine(_folder, "motion.avi");
        await ToolAsync("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=160x120:rate=25", "-t", "3", "-c:v", "mjpeg", motion);
        await using var broker = await Mosquitto.StartAsync();
        await using var listener = await Listener.StartAsync(broker.Port, "actionstream/+/events");
        var yaml = Yaml(
            broker.Port,
            $"  motion: {"{"}url: \"{motion}\", loop: true{"}"}\n  test: {"{"}url: \"lavfi:testsrc2=size=160x120:rate=25\"{"}"}")
            .Replace("labels: [walk, run], ", "", StringComparison.Ordinal); // what an untrained model finds in a test picture nobody knows
        await using var service = await Service.StartAsync(yaml);
        foreach (var name in (string[])["motion", "test"])
        {
            await listener.NextAsync(message => message.Topic == $"actionstream/{name}/events" && IsStep(message, "start"), Limit);
        }

        Assert.Equal(0, await service.StopAsync());
        Assert.All(
            listener.Messages.Where(message => IsStep(message, "end")), end => Assert.Null(end.Json.GetProperty("clip_url").GetString()));
        Assert.Equal(2, service.Child.Lines.Count(line => line.Contains("events of this camera have none", StringComparison.Ordinal)));
        Assert.DoesNotContain(service.Child.Lines, line => line.Contains("lost", StringComparison.Ordinal)); // no reconnection

        var config = Path.Combine(_folder, "site.yaml");
        await File.WriteAllTextAsync(config, yaml);
        var (code, _, all) = await Service.RunAsync(["check", "-c", config]);
        Assert.Equal(0, code);
        Assert.Contains("note: test:", all, StringComparison.Ordinal);
        Assert.Contains("note: motion:", all, StringComparison.Ordinal);
    }

    private static bool IsStep(Listener.Message message, string type) =>
        message.Topic.EndsWith("/events", StringComparison.Ordinal) && message.Json.GetProperty("type").GetString() == type;

    /// <summary>Each coded picture of the film is one that the server sends, to the last bit: nothing was encoded again.</summary>
    private static async Task IsWhatTheCameraSentAsync(string recording)
    {
        Assert.Equal("h264", await FfprobeAsync(recording, "stream=codec_name"));
        var sent = await FramesAsync(Path.Combine(Parts.Root, "tests/EndToEnd/.cache/clip.h264"), "filter_units=pass_types=1-5");
        var kept = await FramesAsync(recording, "h264_mp4toannexb,filter_units=pass_types=1-5");
        Assert.True(kept.Length > 100, $"{kept.Length} pictures");
        var place = Enumerable.Range(0, sent.Length).Where(first => sent[first] == kept[0])
            .FirstOrDefault(first => Enumerable.Range(0, kept.Length).All(i => kept[i] == sent[(first + i) % sent.Length]), -1);
        Assert.True(place >= 0, "the recording is no part of what was sent");
    }

    // Hashes of the coded pictures without the headers between them, which each container says in its own way.
    private static async Task<string[]> FramesAsync(string file, string filter) =>
        [.. (await ToolAsync("ffmpeg", "-v", "error", "-i", file, "-map", "0:v:0", "-c", "copy", "-bsf:v", filter, "-f", "framemd5", "-"))
            .Split('\n').Where(line => line.Length > 0 && line[0] != '#').Select(line => line.Split(',')[^1].Trim())];

    private static async Task<string> FfprobeAsync(string recording, string entry) =>
        (await ToolAsync("ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries", entry, "-of", "csv=p=0", recording)).Trim();

    private static async Task<string> ToolAsync(string program, params string[] arguments)
    {
        await using var tool = new Child(program, arguments);
        Assert.True(await tool.ExitAsync(Limit) == 0, $"{program} {string.Join(' ', arguments)}: {tool.All}");
        return tool.All;
    }

    private static async Task PublishAsync(int port, string topic, string payload) =>
        await ToolAsync(
            "mosquitto_pub", "-h", "127.0.0.1", "-p", port.ToString(CultureInfo.InvariantCulture), "-t", topic, "-m", payload, "-q", "1");

    private string[] Pieces() => Directory.Exists(Ring) ? Directory.GetFiles(Ring, "*.nut", SearchOption.AllDirectories) : [];

    private static async Task UntilAsync(Func<bool> isSo, string problem)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        for (var i = 0; i < 600 && !isSo(); i++)
        {
            await tick.WaitForNextTickAsync();
        }

        Assert.True(isSo(), problem);
    }
}
