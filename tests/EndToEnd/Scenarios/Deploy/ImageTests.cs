using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using ActionStream.EndToEnd.Support;

namespace ActionStream.EndToEnd.Scenarios.Deploy;

/// <summary>The image as it would run: in a bare root, read-only but for its volume, as nobody, without ../shared.</summary>
public sealed class ImageTests(ImageTests.Fixture image) : IClassFixture<ImageTests.Fixture>
{
    private const string Token = "token-of-the-live-page";

    [NeedsFact("root", "namespaces", "debootstrap", "mosquitto", "mosquitto_sub", "stdbuf", "setpriv")]
    public async Task It_decides_on_a_read_only_disk_as_nobody_and_drains_when_it_is_stopped()
    {
        var built = await image.BuiltAsync();
        var state = Directory.CreateTempSubdirectory("actionstream-state-").FullName;
        await using var broker = await Mosquitto.StartAsync();
        await using var listener = await Listener.StartAsync(broker.Port);
        var port = Ports.Free();
        string[] environment =
        [
            .. built.Environment, "CAMERA_URL=/app/configs/demo/clip.mp4", "MQTT_HOST=127.0.0.1", Variable("MQTT_PORT", broker.Port),
            Variable("METRICS_PORT", port), $"LIVE_TOKEN={Token}", "TZ=Asia/Tokyo",
        ];
        await using var container = new Child(
            "unshare",
            [
                "--mount", "--pid", "--fork", "--kill-child", Path.Combine(Parts.Root, "tests", "EndToEnd", "Support", "as_container.sh"),
                built.Root, built.User, built.Volume, state, .. environment, .. built.Command,
            ]);

        // The broker hears of the camera first; a container that ends before says why.
        var decision = listener.NextAsync(message => message.Topic == "actionstream/camera/scores", TimeSpan.FromSeconds(60));
        var end = container.ExitAsync(TimeSpan.FromMinutes(5));
        Assert.True(await Task.WhenAny(decision, end) == decision && decision.IsCompletedSuccessfully, container.All);
        Assert.NotEmpty((await decision).Json.GetProperty("topk").EnumerateArray());

        var service = Assert.Single(Processes.Children(container.Id));
        await IsBoundAsync(service);
        await built.InRootAsync(built.HealthCheck, Variable("METRICS_PORT", port));
        await AnswersOnlyWithItsTokenAsync(port);
        var kept = Directory.EnumerateFileSystemEntries(state).Select(path => Path.GetFileName(path));
        Assert.Equal(["edge.spool"], kept); // and nothing that a library wrote

        Processes.Signal(service, "TERM");
        Assert.True(await end == 0, container.All);
        string[] complaints = [" ERROR ", "Read-only file system", "denied"];
        Assert.DoesNotContain(container.Lines, line => complaints.Any(word => line.Contains(word, StringComparison.OrdinalIgnoreCase)));
        Assert.DoesNotContain(File.ReadLines("/proc/self/mounts"), line => line.Contains(built.Root, StringComparison.Ordinal));
        Directory.Delete(state, recursive: true);
    }

    [NeedsFact("root", "namespaces", "debootstrap")]
    public async Task It_knows_the_time_zones_that_schedules_go_by()
    {
        var built = await image.BuiltAsync();
        Assert.Equal("+0900", (await built.InRootAsync("date +%z", "TZ=Asia/Tokyo")).Trim());
    }

    /// <summary>That the root is as strict as this file says, so that what runs in it proves something.</summary>
    private static async Task IsBoundAsync(int service)
    {
        var status = await File.ReadAllLinesAsync($"/proc/{service}/status");
        Assert.Contains("Uid:\t10001\t10001\t10001\t10001", status);
        Assert.Contains("CapBnd:\t0000000000000000", status);
        Assert.Contains("NoNewPrivs:\t1", status);
        var mounts = (await File.ReadAllLinesAsync($"/proc/{service}/mounts")).Select(line => line.Split(' '))
            .ToDictionary(parts => parts[1], parts => parts[3]);
        Assert.Contains("ro", mounts["/"].Split(','));
        Assert.Contains("noexec", mounts["/tmp"].Split(','));
    }

    private static async Task AnswersOnlyWithItsTokenAsync(int port)
    {
        using var client = new HttpClient { BaseAddress = new($"http://127.0.0.1:{port}") };
        using (var nobody = await client.GetAsync(new Uri("/", UriKind.Relative)))
        {
            Assert.Equal(HttpStatusCode.Unauthorized, nobody.StatusCode);
        }

        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        Assert.Contains("<html", await client.GetStringAsync(new Uri("/", UriKind.Relative)), StringComparison.OrdinalIgnoreCase);
    }

    private static string Variable(string name, int value) => string.Create(CultureInfo.InvariantCulture, $"{name}={value}");

    /// <summary>Built once, by the first test that is not skipped.</summary>
    public sealed class Fixture
    {
        private readonly Lazy<Task<BuiltImage>> _image = new(BuiltImage.BuildAsync);

        internal Task<BuiltImage> BuiltAsync() => _image.Value;
    }
}
