using System.Globalization;
using ActionStream.EndToEnd.Support;
using Xunit.Abstractions;

namespace ActionStream.EndToEnd.Measurements.Chaos;

/// <summary>Everything goes wrong at once and by chance, from a seed: who is not touched does not notice, and nothing is left over.</summary>
/// <remarks>`make chaos SECONDS=600 SEED=1`, `make chaos-many RUNS=100 SECONDS=30`. The seed is printed; it brings the same actions again.</remarks>
public sealed class ChaosTests(ITestOutputHelper output)
{
    [NeedsFact("ffmpeg", "mosquitto", "mosquitto_sub", "mosquitto_pub", "mosquitto_passwd", "rtsp", "setpriv")]
    public Task Twenty_seconds() => RunAsync(seed: 1, runs: 1, TimeSpan.FromSeconds(20));

    [ChaosFact]
    public Task As_long_and_as_often_as_asked() =>
        RunAsync(Number("CHAOS_SEED", 1), Number("CHAOS_RUNS", 1), TimeSpan.FromSeconds(Number("CHAOS_SECONDS", 600)));

    private async Task RunAsync(int seed, int runs, TimeSpan span)
    {
        string[] needs = ["ffmpeg", "mosquitto", "mosquitto_sub", "mosquitto_pub", "mosquitto_passwd", "rtsp", "setpriv"];
        if (needs.Where(need => !Parts.IsThere(need)).ToList() is { Count: > 0 } missing)
        {
            Say($"missing: {string.Join(", ", missing)}; `make test` installs what it can");
            Assert.Empty(missing);
        }

        var rows = new List<string>();
        var failed = 0;
        for (var run = 0; run < runs; run++)
        {
            Say($"chaos: seed {seed + run}, {span.TotalSeconds:0} s");
            var report = await new ChaosRun(seed + run, span, runs == 1 ? Say : _ => { }).RunAsync();
            Say(runs == 1 || report.Faults.Count > 0 ? report.ToString() : report.Row);
            failed += report.Faults.Count > 0 ? 1 : 0;
            rows.Add(report.Row);
        }

        if (runs > 1)
        {
            Say(string.Join('\n', rows));
            Say($"{runs - failed} of {runs} runs passed");
        }

        Assert.True(failed == 0, $"{failed} of {runs} runs failed; see above");
    }

    /// <summary>At once, where somebody waits for it: a test's output comes only when it is over.</summary>
    private void Say(string text)
    {
        output.WriteLine(text);
        if (Environment.GetEnvironmentVariable("CHAOS_SAYS") is { Length: > 0 } to)
        {
            try
            {
                File.AppendAllText(to, text + "\n");
            }
            catch (Exception closed) when (closed is IOException or UnauthorizedAccessException)
            {
            }
        }
    }

    private static int Number(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var number) ? number : otherwise;

    private sealed class ChaosFactAttribute : FactAttribute
    {
        public ChaosFactAttribute()
        {
            if (Environment.GetEnvironmentVariable("CHAOS_SECONDS") is null or "")
            {
                Skip = "chaos takes its time: make chaos SECONDS=600 SEED=1";
            }
        }
    }
}
