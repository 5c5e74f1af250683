using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace ActionStream.EndToEnd.Support;

/// <summary>The program as its users run it: a process of its own with a configuration file.</summary>
internal sealed partial class Service : IAsyncDisposable
{
    private readonly Child _child;
    private readonly string _config;

    private Service(Child child, string config) => (_child, _config) = (child, config);

    /// <summary>As the launcher and the container start it: see docs/operating.md.</summary>
    public static readonly (string Name, string Value)[] AsLaunched =
        [("DOTNET_GCgen0size", "800000"), ("DOTNET_EnableDiagnostics", "0"), ("MALLOC_ARENA_MAX", "2")];

    // Under nohup SIGHUP is ignored, and stays so in whatever is started from there.
    private static readonly string[] Listening = ["env", "--default-signal=HUP"];

    public static string Program { get; } = Path.Combine(AppContext.BaseDirectory, "actionstream");

    public Child Child => _child;

    /// <summary>Where /metrics and /health answer; known once the service has said so.</summary>
    public Uri Http { get; private set; } = new("http://127.0.0.1:1");

    /// <summary>Starts `run` with this configuration and waits until it is ready.</summary>
    public static Task<Service> StartAsync(string yaml, params (string Name, string Value)[] environment) =>
        StartAsync(yaml, [], environment);

    /// <param name="under">A program, with its arguments, that becomes the service in the end.</param>
    public static async Task<Service> StartAsync(string yaml, string[] under, params (string Name, string Value)[] environment)
    {
        var config = Path.Combine(Path.GetTempPath(), $"actionstream-{Guid.NewGuid():N}.yaml");
        await File.WriteAllTextAsync(config, yaml);
        var service = new Service(Start([.. Listening, .. under, Program, "run", "-c", config], [.. AsLaunched, .. environment]), config);
        try
        {
            var line = await service._child.LineAsync(line => ListensOn().IsMatch(line), TimeSpan.FromSeconds(60));
            service.Http = new Uri(ListensOn().Match(line).Value);
            await service._child.LineAsync(line => line.Contains("Ready", StringComparison.Ordinal), TimeSpan.FromSeconds(60));
            return service;
        }
        catch
        {
            await service.DisposeAsync();
            throw;
        }
    }

    private static Child Start(string[] words, (string Name, string Value)[] environment) => new(words[0], words[1..], environment);

    /// <summary>Runs a verb to its end.</summary>
    public static async Task<(int Code, string Output, string All)> RunAsync(
        IEnumerable<string> arguments, TimeSpan? patience = null, params (string Name, string Value)[] environment)
    {
        await using var child = new Child(Program, arguments, environment);
        var code = await child.ExitAsync(patience ?? TimeSpan.FromSeconds(60));
        return (code, child.Output, child.All);
    }

    /// <summary>Asks for readiness.</summary>
    public async Task<(int Code, string Answer)> ReadinessAsync()
    {
        using var client = new HttpClient();
        using var answer = await client.GetAsync(new Uri(Http, "/health/ready"));
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>Puts another configuration in the place of its own, as editors do: a new file takes the name.</summary>
    public void Replace(string yaml)
    {
        File.WriteAllText(_config + ".new", yaml);
        File.Move(_config + ".new", _config, overwrite: true);
    }

    public async Task<string> GetAsync(string path)
    {
        using var client = new HttpClient();
        return await client.GetStringAsync(new Uri(Http, path));
    }

    /// <summary>Asks again until the answer is as wanted.</summary>
    public async Task UntilAsync(string path, Func<int, string, bool> isWanted)
    {
        using var client = new HttpClient();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var last = "";
        try
        {
            while (true)
            {
                using var answer = await client.GetAsync(new Uri(Http, path), limit.Token);
                last = await answer.Content.ReadAsStringAsync(limit.Token);
                if (isWanted((int)answer.StatusCode, last))
                {
                    return;
                }

                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, limit.Token);
            }
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"{path} never was as wanted; the last answer: {last}");
        }
    }

    /// <summary>Sum of all series of a metric whose labels match.</summary>
    public async Task<double> MetricAsync(string name, string labels = "") => Metric(await GetAsync("/metrics"), name, labels);

    /// <summary>The same on a page that was read before.</summary>
    public static double Metric(string page, string name, string labels = "") =>
        page.Split('\n')
            .Where(line => line.StartsWith(name + " ", StringComparison.Ordinal) || line.StartsWith(name + "{", StringComparison.Ordinal))
            .Where(line => line.Contains(labels, StringComparison.Ordinal))
            .Sum(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));

    /// <summary>Asks the service to stop and waits for its end.</summary>
    public async Task<int> StopAsync()
    {
        _child.Signal("TERM");
        return await _child.ExitAsync(TimeSpan.FromSeconds(15));
    }

    public async ValueTask DisposeAsync()
    {
        await _child.DisposeAsync();
        File.Delete(_config);
    }

    [GeneratedRegex(@"http://127\.0\.0\.1:\d+")]
    private static partial Regex ListensOn();
}

/// <summary>An independent listener at the broker: mosquitto_sub, with the time it received each message.</summary>
internal sealed class Listener : IAsyncDisposable
{
    private readonly Child _child;

    private Listener(Child child) => _child = child;

    public sealed record Message(double ReceivedAt, bool Retained, string Topic, string Payload)
    {
        public JsonElement Json => JsonDocument.Parse(Payload).RootElement;
    }

    /// <param name="session">Name of a session that the broker keeps while we are away; null for none.</param>
    /// <param name="login">user:password, where the broker asks.</param>
    public static async Task<Listener> StartAsync(int port, string filter = "#", string? session = null, string? login = null)
    {
        var child = new Child("stdbuf", // line by line, not block by block
        [
            "-oL", "mosquitto_sub", "-h", "127.0.0.1", "-p", port.ToString(CultureInfo.InvariantCulture), "-t", filter,
            "-F", "%U %r %t %p", "-d", "-q", "1", .. (string[])(session is null ? [] : ["-c", "-i", session]),
            .. (string[])(login?.Split(':', 2) is [var user, var password] ? ["-u", user, "-P", password] : []),
        ]);
        await child.LineAsync(line => line.Contains("SUBACK", StringComparison.Ordinal), TimeSpan.FromSeconds(10));
        return new(child);
    }

    /// <summary>How often the broker took our subscription: once more at each new connection.</summary>
    public int Subscribed => _child.Lines.Count(line => line.Contains("SUBACK", StringComparison.Ordinal));

    /// <summary>Everything received so far, in order.</summary>
    public IEnumerable<Message> Messages => _child.Lines.Select(Parse).OfType<Message>();

    public async Task<Message> NextAsync(Func<Message, bool> want, TimeSpan patience) =>
        Parse(await _child.LineAsync(line => Parse(line) is { } message && want(message), patience))!;

    public ValueTask DisposeAsync() => _child.DisposeAsync();

    private static Message? Parse(string line)
    {
        var parts = line.Split(' ', 4);
        return parts.Length == 4 && double.TryParse(parts[0], CultureInfo.InvariantCulture, out var at) && parts[1] is "0" or "1"
            ? new(at, parts[1] == "1", parts[2], parts[3])
            : null;
    }
}
