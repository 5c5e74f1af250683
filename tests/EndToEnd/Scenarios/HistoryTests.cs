using System.Globalization;
using System.Text.Json;
using ActionStream.EndToEnd.Support;
using Microsoft.Data.Sqlite;
using Xunit.Abstractions;

namespace ActionStream.EndToEnd.Scenarios;

/// <summary>What a running service remembers is what it said, and it remembers it whatever becomes of it.</summary>
public sealed class HistoryTests(ITestOutputHelper output) : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly string _folder = Directory.CreateTempSubdirectory("actionstream-history").FullName;

    private string History => Path.Combine(_folder, "history.db");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    // An untrained model always finds something; an event of it ends when its threshold becomes more than any score.
    private static string Yaml(int broker, string history) =>
        $$"""
        node: edge
        model: {path: {{TestModel.Folder}}, device: cpu}
        http: {port: 0}
        mqtt: {host: 127.0.0.1, port: {{broker}} }
        history: {path: {{history}} }
        defaults: {hop: 2, interval: 40ms, events: {labels: [sit_down, squat], enter: 0.001, leave: 0.001, min_duration: 200ms, smoothing: 0ms} }
        cameras:
          front: {url: "lavfi:testsrc2=size=160x120:rate=25"}
          back: {url: "lavfi:testsrc=size=160x120:rate=25"}
        """;

    [NeedsFact("ffmpeg", "mosquitto", "mosquitto_sub", "mosquitto_pub")]
    public async Task History_list_tells_the_events_that_went_out_by_MQTT_while_the_service_writes_and_after_it()
    {
        await using var broker = await Mosquitto.StartAsync();
        await using var listener = await Listener.StartAsync(broker.Port, "actionstream/+/events");
        await using var service = await Service.StartAsync(Yaml(broker.Port, History));
        var first = await listener.NextAsync(message => IsStep(message, "start"), Limit);
        var (camera, type) = (first.Json.GetProperty("camera").GetString(), first.Json.GetProperty("event_type").GetString());
        var id = first.Json.GetProperty("event_id").GetString()!;
        await SetThresholdAsync(broker.Port, camera!, type!, "1");
        await listener.NextAsync(message => IsStep(message, "end") && message.Json.GetProperty("event_id").GetString() == id, Limit);
        await SetThresholdAsync(broker.Port, camera!, type!, "0.001");

        // The service writes; one of its events is over.
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        var isKept = false;
        for (var i = 0; i < 25 && !isKept; i++)
        {
            await tick.WaitForNextTickAsync();
            isKept = (await ListAsync()).Any(
                found => Text(found, "event_id") == id && found.GetProperty("end_time").ValueKind is JsonValueKind.Number);
        }

        Assert.True(isKept, $"event {id} is not in the history");

        await listener.NextAsync(message => IsStep(message, "start") && message.Json.GetProperty("event_id").GetString() != id, Limit);
        var (shownCode, shownText, shownAll) = await Service.RunAsync(["history", "show", id, "-f", History, "--json"]);
        Assert.True(shownCode == 0, shownAll);
        var shown = JsonDocument.Parse(shownText).RootElement;
        var curve = Assert.Single(shown.GetProperty("scores").EnumerateArray());
        Assert.NotEmpty(curve.GetProperty("times").EnumerateArray());
        Assert.Equal(Text(shown.GetProperty("event"), "label"), Assert.Single(curve.GetProperty("scores").EnumerateObject()).Name);
        Assert.Equal(1, await service.MetricAsync("actionstream_history_available"));
        Assert.Equal(0, await service.MetricAsync("actionstream_history_dropped_total"));

        Assert.Equal(0, await service.StopAsync());
        Assert.False(File.Exists(History + "-wal"), "a log is left beside the file");
        var kept = await ListAsync();
        var told = listener.Messages.Where(message => IsStep(message, "end")).Select(message => message.Json).ToArray();
        for (var i = 0; i < 25 && told.Length < kept.Length; i++)
        {
            await tick.WaitForNextTickAsync(); // another process listens
            told = [.. listener.Messages.Where(message => IsStep(message, "end")).Select(message => message.Json)];
        }

        output.WriteLine($"{told.Length} events, {new FileInfo(History).Length} bytes");
        Assert.True(told.Length >= 3, $"{told.Length} events");
        Assert.Equal(
            told.Select(one => Text(one, "event_id")).Order(StringComparer.Ordinal),
            kept.Select(one => Text(one, "event_id")).Order(StringComparer.Ordinal));
        foreach (var one in told)
        {
            var same = kept.Single(found => Text(found, "event_id") == Text(one, "event_id"));
            foreach (var name in (string[])["camera", "label", "end_reason"])
            {
                Assert.Equal(Text(one, name), Text(same, name));
            }

            foreach (var name in (string[])["start_time", "end_time", "top_score", "mean_score"])
            {
                Assert.Equal(one.GetProperty(name).GetDouble(), same.GetProperty(name).GetDouble(), 0.002);
            }
        }

        var (code, csv, _) = await Service.RunAsync(["history", "export", "-f", History, "--format", "csv", "--camera", camera!]);
        Assert.Equal(0, code);
        Assert.Equal(
            1 + told.Count(one => Text(one, "camera") == camera), csv.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        (code, var lines, _) = await Service.RunAsync(["history", "export", "-f", History, "--scores"]);
        Assert.Equal(0, code);
        Assert.All(lines.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.NotNull(JsonDocument.Parse(line)));
    }

    [NeedsFact("ffmpeg")]
    public async Task A_bad_question_is_answered_in_one_line_with_exit_code_2()
    {
        var text = Path.Combine(_folder, "text.db");
        await File.WriteAllTextAsync(text, "a text that is long enough to be taken for a database by its length alone, and is none");
        var config = Path.Combine(_folder, "site.yaml");
        await File.WriteAllTextAsync(config, Yaml(1, "\"\""));
        (string[] Arguments, string Expected)[] bad =
        [
            (["list", "-f", History], "no such file"), (["list", "-f", text], "no sound SQLite file"), (["list"], "--config"),
            (["list", "-c", config], "history.path is empty"), (["show", "nobody", "-f", text], "no sound SQLite file"),
            (["list", "-f", text, "--limit", "0"], "1 to 1000"), (["export", "-f", text, "--format", "xml"], "xml"),
            (["export", "-f", text, "--format", "csv", "--scores"], "jsonl"),
        ];
        foreach (var (arguments, expected) in bad)
        {
            var (code, answer, all) = await Service.RunAsync(["history", .. arguments]);
            Assert.True(code == 2, all);
            Assert.Equal("", answer.Trim().Split('\n')[0].Contains("Unhandled", StringComparison.Ordinal) ? answer : "");
            Assert.Contains(expected, all, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", all, StringComparison.Ordinal);
        }
    }

    [NeedsFact("ffmpeg", "root", "namespaces")]
    public Task On_a_full_disk_decisions_go_on_and_it_is_said_once() => GoesOnAsync(
        "mount -t tmpfs -o size=4k tmpfs {0} && head -c 4096 /dev/zero > {0}/full || true", "the disk is full");

    [NeedsFact("ffmpeg", "root", "namespaces")]
    public Task In_a_folder_that_may_not_be_written_decisions_go_on_and_it_is_said_once() => GoesOnAsync(
        "mount --bind {0} {0} && mount -o remount,ro,bind {0}", "Read-only file system");

    private async Task GoesOnAsync(string mount, string problem)
    {
        await using var service = await Service.StartAsync(
            Yaml(Ports.Free(), History), ["unshare", "--mount", "sh", "-c", string.Format(null, mount, _folder) + " && exec \"$@\"", "sh"]);
        await service.UntilAsync(
            "/metrics", (_, page) => Service.Metric(page, "actionstream_history_dropped_total", "unavailable") >= 3);
        Assert.True(await service.MetricAsync("actionstream_decisions_total") >= 3);
        Assert.Equal(0, await service.MetricAsync("actionstream_history_available"));
        Assert.Contains("history: ", await service.GetAsync("/health/ready"), StringComparison.Ordinal);
        Assert.Equal(0, await service.StopAsync());
        var said = Assert.Single(service.Child.All.Split('\n'), line => line.Contains("cannot be written", StringComparison.Ordinal));
        Assert.Contains(problem, said, StringComparison.Ordinal);
    }

    [NeedsFact("ffmpeg")]
    public Task Ten_times_killed_the_history_is_sound_and_has_what_was_said_a_moment_before() => KillAsync(10);

    [MeasureFact("ffmpeg")]
    public Task A_hundred_times_killed_the_history_is_sound() => KillAsync(100);

    private async Task KillAsync(int times)
    {
        var chance = new Random(16);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < times; i++)
        {
            await using var service = await Service.StartAsync(Yaml(Ports.Free(), History));
            await service.UntilAsync("/metrics", (_, page) => Service.Metric(page, "actionstream_history_written_total", "scores") > 0);
            await Task.Delay(chance.Next(200, 1400));
            foreach (var found in Rows("SELECT id FROM events"))
            {
                seen.Add(found); // written: it must be there for good
            }

            service.Child.Signal("KILL");
            await service.Child.ExitAsync(TimeSpan.FromSeconds(5));
            Assert.DoesNotContain("damaged", service.Child.All, StringComparison.Ordinal);
            Assert.Equal(["ok"], Rows("PRAGMA integrity_check"));
        }

        Assert.Subset(Rows("SELECT id FROM events").ToHashSet(StringComparer.Ordinal), seen);
        await using (var last = await Service.StartAsync(Yaml(Ports.Free(), History)))
        {
            Assert.Equal(0, await last.StopAsync());
            Assert.DoesNotContain("damaged", last.Child.All, StringComparison.Ordinal);
        }

        Assert.Empty(Rows("SELECT id FROM events WHERE \"end\" IS NULL"));
        output.WriteLine($"{times} kills, {seen.Count} events seen and still there, {Rows("SELECT id FROM scores").Count} blocks of scores");
        Assert.NotEmpty(seen);
    }

    private List<string> Rows(string question)
    {
        using var file = new SqliteConnection($"Data Source={History};Pooling=False");
        file.Open();
        using var asking = file.CreateCommand();
        asking.CommandText = question.Replace("SELECT id FROM scores", "SELECT cast(seq AS TEXT) FROM scores", StringComparison.Ordinal);
        using var rows = asking.ExecuteReader();
        List<string> found = [];
        while (rows.Read())
        {
            found.Add(rows.GetString(0));
        }

        return found;
    }

    private async Task<JsonElement[]> ListAsync()
    {
        var (code, answer, all) = await Service.RunAsync(["history", "list", "-f", History, "--json"]);
        Assert.True(code == 0, all);
        return [.. JsonDocument.Parse(answer).RootElement.GetProperty("events").EnumerateArray()];
    }

    private static bool IsStep(Listener.Message message, string type) =>
        message.Topic.EndsWith("/events", StringComparison.Ordinal) && message.Json.GetProperty("type").GetString() == type;

    private static string? Text(JsonElement one, string name) => one.GetProperty(name).GetString();

    private static async Task SetThresholdAsync(int port, string camera, string type, string threshold)
    {
        await using var tool = new Child("mosquitto_pub",
        [
            "-h", "127.0.0.1", "-p", port.ToString(CultureInfo.InvariantCulture), "-t", $"actionstream/{camera}/threshold/{type}/set",
            "-m", threshold, "-q", "1",
        ]);
        Assert.Equal(0, await tool.ExitAsync(TimeSpan.FromSeconds(10)));
    }
}
