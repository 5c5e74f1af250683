using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using ActionStream.EndToEnd.Support;

namespace ActionStream.EndToEnd.Scenarios;

/// <summary>Passwords as cameras and people have them, and every place where somebody may read: none may stand there,
/// in no spelling.</summary>
public sealed partial class SecretsTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    // What stands in the address, and the secret it means.
    private static readonly (string Address, string Secret)[] Ways =
    [
        ("rtsp://admin:Zk%231%2Faa%3Fq@127.0.0.1:PORT/live", "Zk#1/aa?q"),
        ("rtsp://admin:Zk@2:aa@127.0.0.1:PORT/live", "Zk@2:aa"),
        ("rtsp://127.0.0.1:PORT/user=admin_password=Zk3_aaqq_channel=1_stream=0.sdp?real_stream", "Zk3_aaqq"),
        ("rtsp://127.0.0.1:PORT/user=admin&password=Zk4/aa?qq&channel=1", "Zk4/aa?qq"),
        ("rtsp://127.0.0.1:PORT/cam?loginuse=admin&loginpas=Zk5aaqq", "Zk5aaqq"),
        ("rtsp://127.0.0.1:PORT/cam?usr=admin&psw=Zk6%C3%A4aqq", "Zk6äaqq"),
        ("http://127.0.0.1:PORT/cam?user=admin&pwd=Zk7#aaqq", "Zk7#aaqq"),
        ("rtsp://127.0.0.1:PORT/Zk8aqq57acfb1b2fe3c1c7", "Zk8aqq57acfb1b2fe3c1c7"),
    ];

    private readonly string _folder = Directory.CreateTempSubdirectory("secrets-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [NeedsFact("ffmpeg", "mosquitto", "mosquitto_sub")]
    public async Task No_secret_stands_in_any_output_of_a_service_whose_cameras_fail_in_every_way()
    {
        await using var refusing = new RudeCamera(
            request => $"RTSP/1.0 401 Unauthorized\r\nCSeq: {Number(request)}\r\nWWW-Authenticate: Basic realm=\"cam\"\r\n\r\n");
        await using var gossiping = new RudeCamera( // says back what it was asked
            request => $"RTSP/1.0 455 No {request.Split('\r')[0]}\r\nCSeq: {Number(request)}\r\n\r\n");
        await using var silent = new RudeCamera(_ => null);
        await using var broker = await Mosquitto.StartAsync();
        await using var listener = await Listener.StartAsync(broker.Port);
        int[] ports = [Ports.Free(), refusing.Port, gossiping.Port, silent.Port];
        var cameras = string.Concat(Ways.Select((way, i) => string.Concat(
            $"  cam{i}0: {{url: {JsonSerializer.Serialize(Url(way.Address, ports[i % 4]))}, connect_timeout: 1s}}\n",
            $"  cam{i}1: {{url: {JsonSerializer.Serialize(Url(way.Address, gossiping.Port))}, connect_timeout: 2s}}\n")));
        await File.WriteAllTextAsync(Path.Combine(_folder, "mqtt"), "Zk9#m/aqq\n");
        var yaml =
            $$"""
            node: test
            log: trace
            model: {path: "{{TestModel.Folder}}", device: cpu}
            mqtt: {port: {{broker.Port}}, username: edge, password: "${file:{{_folder}}/mqtt}", discovery: {enabled: true} }
            http: {port: 0, token: "${TOKEN}"}
            cameras:
            {{cameras}}
            """;
        string[] secrets = [.. Ways.Select(way => way.Secret), "Zk9#m/aqq", "Zk10-token-aaqq"];
        var outputs = new List<(string Name, string Text)>();

        await using (var service = await Service.StartAsync(yaml, ("TOKEN", "Zk10-token-aaqq")))
        {
            using var all = new CancellationTokenSource(Patience);
            using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
            while (Lost(service.Child.All) < 2 * Ways.Length)
            {
                Assert.True(await poll.WaitForNextTickAsync(all.Token));
            }

            using var client = new HttpClient { BaseAddress = service.Http };
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "Zk10-token-aaqq");
            foreach (var path in (string[])["/metrics", "/health/ready", "/health/live", "/", "/live/live.js", "/live/none.jpg"])
            {
                using var answer = await client.GetAsync(path);
                outputs.Add((path, $"{answer.Headers}{await answer.Content.ReadAsStringAsync()}"));
            }

            using var wrong = await new HttpClient().GetAsync(service.Http);
            outputs.Add(("401", await wrong.Content.ReadAsStringAsync()));
            outputs.Add(("feed", await BeginningAsync(client, "/live/feed")));
            Assert.Equal(0, await service.StopAsync());
            outputs.Add(("the service", service.Child.All));
        }

        outputs.Add(("MQTT", string.Join('\n', listener.Messages.Select(message => $"{message.Topic} {message.Payload}"))));
        var config = Path.Combine(_folder, "site.yaml");
        await File.WriteAllTextAsync(config, yaml);
        outputs.AddRange(await RunAsync(["check", "-c", config], ["check", "--json", "-c", config], ["doctor", "-c", config]));
        outputs.AddRange(await RunAsync([.. Ways.Where((_, i) => i % 2 == 0).Select((way, i) => (string[])
        [
            "probe", Url(way.Address, i < 2 ? refusing.Port : gossiping.Port), "--seconds", "1", "--timeout", "1",
            .. i % 2 == 0 ? ["--json"] : Array.Empty<string>(),
        ])]));
        Assert.Contains(
            "/cam?loginuse=admin&loginpas=***", outputs.First(output => output.Name == "the service").Text, StringComparison.Ordinal);
        Clean(outputs, secrets);
    }

    [NeedsFact("ffmpeg", "rtsp")]
    public async Task Nobody_who_lists_processes_reads_the_password_of_a_camera_that_works_and_is_recorded()
    {
        await using var camera = await RtspCamera.StartAsync("admin:Zk13aaqq");
        var yaml =
            $$"""
            node: test
            model: {path: "{{TestModel.Folder}}", device: cpu}
            http: {port: 0}
            mqtt: {port: {{Ports.Free()}}}
            media: {path: "{{_folder}}/media", recordings: {enabled: true, buffer: "{{_folder}}/ring"} }
            cameras: {door: {url: "rtsp://admin:Zk13aaqq@127.0.0.1:{{camera.Port}}/cam0"} }
            """;
        await using var service = await Service.StartAsync(yaml);
        using var all = new CancellationTokenSource(Patience);
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        while (await service.MetricAsync("actionstream_camera_frames_received_total", "camera=\"door\"") < 40)
        {
            Assert.True(await poll.WaitForNextTickAsync(all.Token));
        }

        var (seen, lines) = (0, CommandLines().ToArray());
        foreach (var line in lines.Where(line => line.Contains("ffmpeg", StringComparison.Ordinal)))
        {
            seen++;
            Assert.DoesNotContain("Zk13aaqq", line, StringComparison.Ordinal);
        }

        Assert.True(seen > 0, "no ffmpeg runs");
        Assert.Contains(
            Directory.EnumerateFiles(Path.Combine(_folder, "ring"), "*", SearchOption.AllDirectories),
            file => new FileInfo(file).Length > 10_000);
        Assert.Equal(0, await service.StopAsync());
    }

    [Fact]
    public async Task Check_names_the_letters_of_a_login_that_have_to_be_encoded_and_not_the_login()
    {
        var config = Path.Combine(_folder, "site.yaml");
        await File.WriteAllTextAsync(config, "cameras: {a: {url: 'rtsp://admin:Zk#11/aqq@10.0.0.5/live'}}\n");
        var outputs = await RunAsync(
            ["check", "-c", config], ["check", "--json", "-c", config], ["run", "-c", config], ["doctor", "-c", config],
            ["probe", "rtsp://admin:Zk#11/aqq@10.0.0.5/live"], ["replay", "rtsp://admin:Zk#11/aqq@10.0.0.5/live"]);
        Assert.All(outputs, output => Assert.Contains("write %23 for '#' and %2F for '/'", output.Text, StringComparison.Ordinal));
        Clean(outputs, ["Zk#11/aqq", "11/aqq", "Zk#11"]);
    }

    [Fact]
    public async Task A_file_that_is_no_setting_is_neither_shown_nor_read_to_its_end()
    {
        var config = Path.Combine(_folder, "site.yaml");
        await File.WriteAllTextAsync(Path.Combine(_folder, "shadow"), "Zk12:aqq\n");
        await File.WriteAllTextAsync(
            config, $"node: '${{file:{_folder}/shadow}}'\nlog: '${{file:/dev/zero}}'\nmodel: {{path: '${{file:{_folder}/shadow}}'}}\n");
        var outputs = await RunAsync(["check", "-c", config], ["run", "-c", config], ["doctor", "--json", "-c", config]);
        Assert.All(outputs, output => Assert.Contains("/dev/zero, which is empty, or a device", output.Text, StringComparison.Ordinal));
        Clean(outputs, ["Zk12:aqq"]);
    }

    private static IEnumerable<string> CommandLines()
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            string line;
            try
            {
                line = File.ReadAllText(Path.Combine(folder, "cmdline"));
            }
            catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
            {
                continue; // no process, or one that has ended
            }

            yield return line.Replace('\0', ' ');
        }
    }

    private static string Url(string address, int port) =>
        address.Replace("PORT", port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);

    private static string Number(string request) => CSeq().Match(request).Groups[1].Value;

    private static int Lost(string log) => Camera().Matches(log).Select(match => match.Groups[1].Value).Distinct().Count();

    private static async Task<string> BeginningAsync(HttpClient client, string path)
    {
        await using var stream = await client.GetStreamAsync(path);
        var bytes = new byte[65_536];
        return Encoding.UTF8.GetString(bytes, 0, await stream.ReadAsync(bytes));
    }

    private static async Task<List<(string Name, string Text)>> RunAsync(params string[][] verbs)
    {
        var outputs = new List<(string, string)>();
        foreach (var verb in verbs)
        {
            var (_, _, all) = await Service.RunAsync(verb, Patience, ("TOKEN", "Zk10-token-aaqq"));
            outputs.Add((string.Join(' ', verb), all));
        }

        return outputs;
    }

    private static void Clean(IEnumerable<(string Name, string Text)> outputs, string[] secrets)
    {
        foreach (var (name, text) in outputs)
        {
            Assert.NotEmpty(text);
            foreach (var secret in secrets)
            {
                foreach (var spelt in (string[])
                    [secret, Uri.EscapeDataString(secret), JsonSerializer.Serialize(secret)[1..^1],
                        Convert.ToBase64String(Encoding.UTF8.GetBytes($"admin:{secret}"))])
                {
                    Assert.False(
                        text.Contains(spelt, StringComparison.OrdinalIgnoreCase)
                        || Uri.UnescapeDataString(text).Contains(spelt, StringComparison.OrdinalIgnoreCase),
                        $"{spelt} stands in the output of {name}:\n"
                        + string.Join('\n', text.Split('\n').Where(
                            line => Uri.UnescapeDataString(line).Contains(secret, StringComparison.OrdinalIgnoreCase))));
                }
            }
        }
    }

    [GeneratedRegex(@"CSeq: (\d+)")]
    private static partial Regex CSeq();

    [GeneratedRegex(@"WARN  ?(cam\d\d)\b")]
    private static partial Regex Camera();
}
