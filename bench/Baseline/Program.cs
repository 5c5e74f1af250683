using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Baseline;

Arguments arguments;
try
{
    arguments = Arguments.Parse(args);
}
catch (FormatException wrong)
{
    Console.Error.WriteLine($"baseline: {wrong.Message}\n{Arguments.Usage}");
    return 2;
}

// One core per run once there are as many cameras as cores: nothing is faster for many at a time.
var threads = arguments.Threads ?? Math.Max(1, Environment.ProcessorCount / arguments.Sources.Count);
using var model = new Model(arguments.Model, threads);
using var publisher = new Publisher(arguments.Host, arguments.Port);
using var leave = new CancellationTokenSource();
using var term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Leave);
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Leave);
var cameras = arguments.Sources.Select((source, i) => new Camera($"cam{i}", source, arguments, model, publisher)).ToArray();
try
{
    foreach (var camera in cameras)
    {
        camera.Start();
    }

    // Measured from the moment when every camera has answered once.
    await Task.WhenAll(cameras.Select(camera => camera.IsRunning)).WaitAsync(leave.Token);
    foreach (var camera in cameras)
    {
        camera.Reset();
    }

    var (own, children) = (Environment.CpuUsage.TotalTime, cameras.Sum(camera => ChildSeconds(camera.Child)));
    await Task.Delay(arguments.Time, TimeProvider.System, leave.Token);
    var (ownSeconds, childSeconds) = (
        (Environment.CpuUsage.TotalTime - own).TotalSeconds, cameras.Sum(camera => ChildSeconds(camera.Child)) - children);
    if (cameras.Select(camera => camera.Problem).FirstOrDefault(problem => problem is not null) is { } broken)
    {
        Console.Error.WriteLine($"baseline: {broken}");
        return 1;
    }

    Print(ownSeconds, childSeconds);
    return 0;
}
catch (OperationCanceledException)
{
    return 1;
}
finally
{
    foreach (var camera in cameras)
    {
        camera.Stop();
    }
}

void Leave(PosixSignalContext signal)
{
    signal.Cancel = true;
    leave.Cancel();
}

// utime and stime in hundredths of a second, counted from behind the program's name.
static double ChildSeconds(int child)
{
    try
    {
        var stat = File.ReadAllText($"/proc/{child}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (double.Parse(fields[11], CultureInfo.InvariantCulture) + double.Parse(fields[12], CultureInfo.InvariantCulture)) / 100;
    }
    catch (IOException)
    {
        return 0; // gone; its camera says why
    }
}

void Print(double ownSeconds, double childSeconds)
{
    var seconds = arguments.Time.TotalSeconds;
    var latencies = cameras.SelectMany(camera => camera.Latencies).Order().ToArray();
    double At(double share) => latencies.Length == 0 ? 0 : Math.Round(latencies[(int)(share * (latencies.Length - 1))], 1);
    var decisions = cameras.Sum(camera => camera.Decisions);
    Console.WriteLine(JsonSerializer.Serialize(
        new
        {
            model = arguments.Model,
            threads,
            seconds,
            asked_per_s = arguments.Asked,
            decisions,
            decisions_per_s = Math.Round(decisions / seconds, 2),
            decisions_per_s_per_camera = Math.Round(decisions / seconds / cameras.Length, 3),
            sustained = cameras.All(camera => camera.Decisions >= 0.95 * arguments.Asked * seconds),
            dropped = cameras.Sum(camera => camera.Dropped),
            late = cameras.Sum(camera => camera.Late),
            latency_ms = new { p50 = At(0.5), p95 = At(0.95), p99 = At(0.99) },
            cpu_s = Math.Round(ownSeconds + childSeconds, 2),
            own_cpu_s = Math.Round(ownSeconds, 2),
            children_cpu_s = Math.Round(childSeconds, 2),
            cameras = cameras.Select(camera => new
            {
                name = camera.Name,
                decisions = camera.Decisions,
                decisions_per_s = Math.Round(camera.Decisions / seconds, 2),
                dropped = camera.Dropped,
                late = camera.Late,
            }),
        },
        new JsonSerializerOptions { WriteIndented = true }));
}
