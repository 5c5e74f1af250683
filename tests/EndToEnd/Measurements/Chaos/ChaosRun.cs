using System.Globalization;
using ActionStream.EndToEnd.Support;

namespace ActionStream.EndToEnd.Measurements.Chaos;

/// <summary>One run from start to verdict: a site comes up, the plan is carried out, all calms down, and everything is judged.</summary>
internal sealed class ChaosRun(int seed, TimeSpan span, Action<string> say)
{
    // Cameras that failed for a minute are tried every half minute, a broker that cut three connections is left alone for a minute.
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(80);
    private static readonly TimeSpan Toggle = TimeSpan.FromSeconds(2.5);
    private static readonly TimeProvider Clock = TimeProvider.System;

    private readonly Decisions _decisions = new();

    public async Task<ChaosReport> RunAsync()
    {
        var plan = ChaosPlan.Draw(
            seed, span, ChaosSite.Shaky.Count,
            Enum.GetValues<ChaosKind>().Where(kind => kind != ChaosKind.FillDisk || ChaosSite.CanFillDisk));
        var report = new ChaosReport(seed, plan);
        await using var site = await ChaosSite.StartAsync(seed);
        await using var feed = new FeedSubscriber(site.Service.Http, _decisions, site.Secrets);
        await using var watch = new SiteWatch(site);
        report.Judge("all cameras come up", await SettledAsync(site));
        for (var tries = 0; tries < 150 && ChaosSite.Healthy.Any(camera => _decisions.Count(camera) == 0); tries++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), Clock); // a first window takes its time
        }

        report.Before = watch.Now();

        var from = Now();
        using var end = new CancellationTokenSource();
        var toggling = ToggleAsync(site, end.Token);
        report.ThrownByActors = await CarryOutAsync(site, plan);
        var over = Now();
        report.Judge("all cameras and the broker come back", site.Service.Child.HasExited ? "the service ended" : await SettledAsync(site));
        var until = Now();
        report.Settled = TimeSpan.FromSeconds(until - over);
        await end.CancelAsync();
        await toggling;
        report.After = site.Service.Child.HasExited ? report.Before : await CalmAsync(watch, report.Before);
        await watch.EndAsync();
        await feed.LeaveAsync();
        report.Watched(watch, feed);
        await StopAsync(site, report);
        Judge(site, report, from, until);
        if (report.Faults.Count > 0)
        {
            report.Log = Path.Combine(Path.GetTempPath(), $"chaos-seed-{seed}.log");
            await File.WriteAllLinesAsync(report.Log, site.Service.Child.Lines);
        }

        return report;
    }

    private async Task<IReadOnlyList<string>> CarryOutAsync(ChaosSite site, IReadOnlyList<ChaosAction> plan)
    {
        var actors = new ChaosActors(site);
        var begun = Clock.GetTimestamp();
        var acting = new List<Task>();
        var thrown = new List<string>();
        foreach (var action in plan)
        {
            var wait = action.At - Clock.GetElapsedTime(begun);
            await Task.Delay(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, Clock);
            if (site.Service.Child.HasExited)
            {
                break;
            }

            say(action.ToString());
            acting.Add(ActAsync(action));
        }

        await Task.WhenAll(acting);
        return thrown;

        async Task ActAsync(ChaosAction action)
        {
            try
            {
                await actors.DoAsync(action);
            }
            catch (Exception failed)
            {
                lock (thrown)
                {
                    thrown.Add($"{action}: {failed.Message}");
                }
            }
        }
    }

    /// <summary>Ends events and lets them begin, as people move their thresholds.</summary>
    private static async Task ToggleAsync(ChaosSite site, CancellationToken end)
    {
        for (var turn = 0; !end.IsCancellationRequested; turn++)
        {
            var camera = ChaosSite.Healthy.Concat(ChaosSite.Shaky).ElementAt(turn / 2 % 5);
            await using var command = new Child("mosquitto_pub",
            [
                "-h", "127.0.0.1", "-p", site.Broker.Port.ToString(CultureInfo.InvariantCulture), "-u", SiteConfiguration.User,
                "-P", site.Secrets.Broker, "-t", $"actionstream/{camera}/threshold/sit_down/set", "-m", turn % 2 == 0 ? "1" : SiteConfiguration.Enter, "-q", "1",
            ]);
            await Task.Delay(Toggle / 2, Clock, end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Waits until every camera that can be had is online, the broker is connected and nothing waits for it.</summary>
    private static async Task<string?> SettledAsync(ChaosSite site)
    {
        var begun = Clock.GetTimestamp();
        var missing = "";
        while (Clock.GetElapsedTime(begun) < Settling && !site.Service.Child.HasExited)
        {
            try
            {
                var page = await site.Service.GetAsync("/metrics");
                var away = ChaosSite.Healthy.Concat(ChaosSite.Shaky).Where(camera =>
                    Service.Metric(page, "actionstream_camera_up", $"camera=\"{camera}\"") != 1).ToList();
                missing = string.Join(", ", away) + (Service.Metric(page, "actionstream_mqtt_connected") == 1 ? "" : " broker")
                    + (Service.Metric(page, "actionstream_mqtt_spool_messages") == 0 ? "" : " spool");
                if (missing.Length == 0)
                {
                    return null;
                }
            }
            catch (HttpRequestException none)
            {
                missing = none.Message;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(200), Clock);
        }

        return $"after {Settling.TotalSeconds:0} s still missing: {missing}";
    }

    /// <summary>What it holds when nothing more is done to it: the least of some looks, since the stray camera's child comes and goes.</summary>
    private static async Task<Usage> CalmAsync(SiteWatch watch, Usage before)
    {
        var begun = Clock.GetTimestamp();
        var least = watch.Now();
        while (Clock.GetElapsedTime(begun) < TimeSpan.FromSeconds(8) && !ChaosBounds.IsBack(before, least))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(250), Clock);
            var now = watch.Now();
            least = new(
                Math.Min(least.Megabytes, now.Megabytes), Math.Min(least.Handles, now.Handles), Math.Min(least.Threads, now.Threads),
                Math.Min(least.Children, now.Children));
        }

        return least;
    }

    private static async Task StopAsync(ChaosSite site, ChaosReport report)
    {
        if (site.Service.Child.HasExited)
        {
            report.Judge("the service lives through it", $"it ended with {await site.Service.Child.ExitAsync(TimeSpan.FromSeconds(5))}");
            return;
        }

        var begun = Now();
        try
        {
            var code = await site.Service.StopAsync();
            report.Judge("it stops with 0", code == 0 ? null : $"exit code {code}");
            await site.Listener.NextAsync(
                message => message is { Topic: $"actionstream/{SiteConfiguration.Node}/status", Payload: "offline" } && message.ReceivedAt > begun,
                TimeSpan.FromSeconds(5));
        }
        catch (TimeoutException late)
        {
            report.Judge("it stops within 15 s and says offline", late.Message.Split('\n')[0]);
        }
    }

    private void Judge(ChaosSite site, ChaosReport report, double from, double until)
    {
        var messages = site.Listener.Messages.ToList();
        report.Heard = messages.GroupBy(message => message.Topic.Split('/')[^1]).ToDictionary(kind => kind.Key, kind => kind.Count());
        foreach (var message in messages)
        {
            site.Secrets.Search($"message on {message.Topic}", message.Payload);
            if (message.Topic.EndsWith("/scores", StringComparison.Ordinal))
            {
                var latency = message.Json.GetProperty("latency_ms");
                _decisions.Add(
                    message.Json.GetProperty("camera").GetString()!, message.Json.GetProperty("window").GetProperty("end").GetDouble(),
                    (latency.GetProperty("total").GetDouble() - latency.GetProperty("publish").GetDouble()) / 1000);
            }
        }

        foreach (var line in site.Service.Child.Lines)
        {
            site.Secrets.Search("log", line);
        }

        report.JudgeDecisions(_decisions, from, until);
        report.JudgeEvents(new(messages, camera => camera != SiteConfiguration.Extra));
        report.JudgeUsage();
        report.JudgeLeftovers(site);
        report.JudgeLog(site.Service.Child.Lines);
        foreach (var found in site.Secrets.Found)
        {
            report.Judge("no secret in any output", found);
        }
    }

    private static double Now() => Clock.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0;
}
