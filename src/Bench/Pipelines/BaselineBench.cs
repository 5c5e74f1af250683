using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using ActionStream.Bench.Engine;
using ActionStream.Bench.Reporting;
using ActionStream.Host;
using Microsoft.Extensions.Logging;

namespace ActionStream.Bench.Pipelines;

/// <summary>How many cameras at four decisions a second each the service carries, beside a program without the engine: same cores,
/// same model, same video, in turns.</summary>
internal sealed class BaselineBench(string program, BenchModel model, string video, TimeSpan time, ILoggerFactory log)
{
    /// <summary>Share of what was asked for that every single camera must get.</summary>
    private const double Enough = 0.95;

    private const int Most = 256;

    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(6);

    /// <summary>The other side: the largest number of cameras it sustains, looked for around a guess.</summary>
    public Task<int> BaselineAsync(int guess, CancellationToken cancel) =>
        LargestAsync(guess, cameras => BaselineSustainsAsync(cameras, cancel));

    public Task<int> OursAsync(int guess, CancellationToken cancel) => LargestAsync(guess, cameras => WeSustainAsync(cameras, cancel));

    // Upwards while it holds, downwards while it does not, in steps of about a fifth and then of one.
    private static async Task<int> LargestAsync(int guess, Func<int, Task<bool>> sustains)
    {
        var (holds, fails) = (0, Most + 1);
        for (var next = Math.Max(1, guess); fails - holds > 1;)
        {
            if (await sustains(next))
            {
                holds = next;
            }
            else
            {
                fails = next;
            }

            next = fails > Most ? holds + Math.Max(1, holds / 5) : holds == 0 ? fails - Math.Max(1, fails / 5) : (holds + fails) / 2;
        }

        return holds;
    }

    private async Task<bool> WeSustainAsync(int cameras, CancellationToken cancel)
    {
        var load = new PipelineLoad(cameras, model.Card.Input.Interval, EngineRig.Hop, TimeSpan.FromSeconds(2), video);
        var figures = await new PipelineRun(model.Folder, model.Card, log).RunAsync(load, Settle, time, cancel);
        var least = figures.PerCamera.Count < cameras ? 0 : figures.PerCamera.Values.Min();
        return Said("engine", cameras, figures.Decisions / time.TotalSeconds, least >= Enough * time / (load.Hop * load.Interval));
    }

    private async Task<bool> BaselineSustainsAsync(int cameras, CancellationToken cancel)
    {
        await using var subscriber = await BenchSubscriberProcess.StartAsync(cancel);
        using var baseline = Process.Start(new ProcessStartInfo(program,
        [
            "--model", model.Folder, "--broker", $"{subscriber.Host}:{subscriber.Port}", "--source", video,
            "--cameras", cameras.ToString(CultureInfo.InvariantCulture),
            "--seconds", time.TotalSeconds.ToString(CultureInfo.InvariantCulture),
            "--fps", (1 / model.Card.Input.Interval.TotalSeconds).ToString(CultureInfo.InvariantCulture),
            "--hop", EngineRig.Hop.ToString(CultureInfo.InvariantCulture),
        ])
        { RedirectStandardOutput = true, RedirectStandardError = true }) ?? throw new BenchException($"{program} did not start");
        try
        {
            var problems = baseline.StandardError.ReadToEndAsync(cancel);
            var answer = await baseline.StandardOutput.ReadToEndAsync(cancel);
            await baseline.WaitForExitAsync(cancel);
            if (baseline.ExitCode != 0)
            {
                throw new BenchException($"{program} failed: {(await problems).Trim()}");
            }

            using var json = JsonDocument.Parse(answer);
            return Said(
                "baseline", cameras, json.RootElement.GetProperty("decisions_per_s").GetDouble(),
                json.RootElement.GetProperty("sustained").GetBoolean());
        }
        finally
        {
            if (!baseline.HasExited)
            {
                baseline.Kill(entireProcessTree: true);
                await baseline.WaitForExitAsync(CancellationToken.None);
            }
        }
    }

    private static bool Said(string side, int cameras, double perSecond, bool isSustained)
    {
        Console.Error.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"  {side}, {cameras} cameras: {perSecond:0.00} decisions/s, {(isSustained ? "sustained" : "not sustained")}"));
        return isSustained;
    }
}
