using System.Globalization;
using System.Text.Json;
using ActionStream.EndToEnd.Support;
using Microsoft.Playwright;
using Xunit.Abstractions;

namespace ActionStream.EndToEnd.Scenarios;

/// <summary>The live page in a real Chromium: what a person in front of it would see, and what must never happen behind it.</summary>
public sealed class LivePageTests(ITestOutputHelper output)
{
    private static readonly string[] Cameras = ["door", "yard"];

    [NeedsFact("ffmpeg", "mosquitto", "mosquitto_sub", "chromium")]
    public async Task Two_cameras_move_a_detection_shows_within_a_second_and_attention_is_painted_over_the_picture()
    {
        await using var broker = await Mosquitto.StartAsync();
        await using var listener = await Listener.StartAsync(broker.Port, "actionstream/+/events");
        await using var browser = await Browser.StartAsync();
        await using var service = await StartAsync(broker.Port, "");
        var page = await browser.OpenAsync(service.Http);
        await page.EvaluateAsync(
            """
            () => { window.seen = {}; new MutationObserver(() => document.querySelectorAll('[data-event]').forEach(
              row => window.seen[row.dataset.event] ??= Date.now() / 1000)).observe(document.getElementById('event-list'), { childList: true, subtree: true }); }
            """);

        foreach (var camera in Cameras)
        {
            await Pictures(page, camera, 3);
            var before = await Pixels(page, camera);
            await Pictures(page, camera, 8);
            Assert.True(Different(before, await Pixels(page, camera)) > 0.02, $"{camera} stands still");
        }

        // Published here, seen there.
        var start = await listener.NextAsync(message => message.Json.GetProperty("type").GetString() == "start", TimeSpan.FromSeconds(40));
        var id = start.Json.GetProperty("event_id").GetString();
        await page.WaitForSelectorAsync($"[data-event='{id}']", new() { Timeout = 10_000 });
        var shownAt = (await page.EvaluateAsync<JsonElement>("() => window.seen")).GetProperty(id!).GetDouble();
        output.WriteLine(
            string.Create(CultureInfo.InvariantCulture, $"on the page {shownAt - start.ReceivedAt:0.000} s after the subscriber had it"));
        Assert.True(shownAt - start.ReceivedAt <= 1, $"{shownAt - start.ReceivedAt} s");
        Assert.Contains(" started ", await page.InnerTextAsync("#said"), StringComparison.Ordinal); // for those who listen

        await AttentionIsPainted(page);
        await KeysAndPhoneWork(page, browser, service.Http);
        await Eventually(async () => await service.MetricAsync("actionstream_live_clients") == 1, "the phone is still counted");
        Assert.Empty(browser.Complaints);
        Assert.All(browser.Requests, address => Assert.StartsWith(service.Http.ToString(), address, StringComparison.Ordinal));

        // Nobody looks any more, so nothing is encoded any more.
        await page.CloseAsync();
        await Eventually(async () => await service.MetricAsync("actionstream_live_clients") == 0, "the browser is not missed");
        var made = await service.MetricAsync("actionstream_live_frames_total");
        await Task.Delay(1000);
        Assert.Equal(made, await service.MetricAsync("actionstream_live_frames_total"));
        Assert.Equal(0, await service.StopAsync());
    }

    [NeedsFact("ffmpeg", "mosquitto", "mosquitto_sub", "chromium")]
    public async Task Pictures_of_events_reach_the_folder_the_broker_and_the_page()
    {
        var folder = Directory.CreateTempSubdirectory("pictures-").FullName;
        await using var broker = await Mosquitto.StartAsync();
        await using var listener = await Listener.StartAsync(broker.Port, "actionstream/+/events");
        await using var browser = await Browser.StartAsync();
        await using var service = await StartAsync(broker.Port, $"media: {"{"}path: {folder}, mqtt: true{"}"}");
        var page = await browser.OpenAsync(service.Http);
        var start = await listener.NextAsync(message => message.Json.GetProperty("type").GetString() == "start", TimeSpan.FromSeconds(60));
        var (snapshot, sheet) =
            (start.Json.GetProperty("snapshot_url").GetString()!, start.Json.GetProperty("contact_sheet_url").GetString()!);
        await Eventually(() => Task.FromResult(File.Exists(Path.Combine(folder, sheet["/media/".Length..]))), $"{sheet} is not made");

        using var client = new HttpClient { BaseAddress = service.Http };
        Assert.Equal((112, 112), SizeOf(await client.GetByteArrayAsync(snapshot)));
        Assert.Equal((454, 454), SizeOf(await client.GetByteArrayAsync(sheet))); // 16 frames of 112, gaps of 2
        await page.WaitForFunctionAsync(
            $"() => document.querySelector(\"[data-event='{start.Json.GetProperty("event_id").GetString()}'] img\")?.naturalWidth === 112",
            null, new() { Timeout = 20_000 });
        await page.ClickAsync($"[data-event='{start.Json.GetProperty("event_id").GetString()}'] button");
        await page.WaitForFunctionAsync(
            "() => document.getElementById('snapshots-image').naturalWidth === 454", null, new() { Timeout = 20_000 });

        // Whoever subscribes later still gets it: it is retained.
        var file = Path.GetTempFileName();
        await using (var late = new Child("sh", [
            "-c",
            $"mosquitto_sub -h 127.0.0.1 -p {broker.Port} -t {start.Json.GetProperty("snapshot_topic").GetString()} -C 1 -N > {file}"]))
        {
            Assert.Equal(0, await late.ExitAsync(TimeSpan.FromSeconds(20)));
        }

        Assert.Equal((112, 112), SizeOf(await File.ReadAllBytesAsync(file)));
        File.Delete(file);
        Assert.Empty(browser.Complaints);
        Assert.Equal(0, await service.StopAsync());
        Directory.Delete(folder, recursive: true);
    }

    // An untrained model always finds something, and an event of it begins when the page has long been open.
    private static Task<Service> StartAsync(int broker, string more) => Service.StartAsync(
        $"""
        node: edge
        model: {"{"}path: {TestModel.Folder}, device: cpu{"}"}
        http: {"{"}port: 0{"}"}
        mqtt: {"{"}host: 127.0.0.1, port: {broker}{"}"}
        defaults: {"{"}hop: 2, events: {"{"}enter: 0.02, leave: 0.01, min_duration: 12s{"}"}{"}"}
        cameras:
          door: {"{"}name: "Front door", url: "lavfi:testsrc2=size=320x240:rate=25"{"}"}
          yard: {"{"}url: "lavfi:mandelbrot=size=320x240:rate=25"{"}"}
        {more}
        """);

    private static async Task Pictures(IPage page, string camera, int count) => await page.WaitForFunctionAsync(
        "([camera, count]) => Number(document.querySelector(`[data-camera=${camera}]`)?.dataset.frames ?? 0) >= count",
        new object[] { camera, count }, new() { Timeout = 60_000 });

    private static async Task<int[]> Pixels(IPage page, string camera) => await page.EvaluateAsync<int[]>(
        "camera => { const c = document.querySelector(`[data-camera=${camera}] .frame`); return [...c.getContext('2d').getImageData(0, 0, "
        + "c.width, c.height).data]; }",
        camera);

    private static double Different(int[] first, int[] second)
    {
        Assert.Equal(first.Length, second.Length);
        return first.Zip(second).Count(pair => Math.Abs(pair.First - pair.Second) > 8) / (double)first.Length;
    }

    private static async Task AttentionIsPainted(IPage page)
    {
        await page.Keyboard.PressAsync("3");
        await page.WaitForFunctionAsync(
            "() => [...document.querySelectorAll('.attention')].every(attention => !attention.hidden && "
            + "attention.getContext('2d').getImageData(0, 0, attention.width, attention.height).data.some((value, i) "
            + "=> i % 4 === 3 && value > 0))",
            null, new() { Timeout = 30_000 });
        await page.Keyboard.PressAsync("p"); // the picture stands still, so only the overlay can differ
        await StandsStill(page);
        await page.EvaluateAsync("() => document.querySelectorAll('.detected').forEach(labels => labels.remove())"); // they come and go
        var view = page.Locator("[data-camera=door] .view");
        var with = await view.ScreenshotAsync();
        await page.Keyboard.PressAsync("0");
        var without = await view.ScreenshotAsync();
        await page.Keyboard.PressAsync("3");
        var again = await view.ScreenshotAsync();
        await page.Keyboard.PressAsync("9");
        var all = await view.ScreenshotAsync();
        Assert.True(Changed(with, without) > 0.2, $"the overlay changes {Changed(with, without):p1} of the pixels");
        Assert.True(Changed(with, again) < 0.001, "the same map is painted differently");
        Assert.True(Changed(all, with) > 0.2, "all maps look like one");
        await page.Keyboard.PressAsync("p");
    }

    // What was under way when it was paused is still painted.
    private static async Task StandsStill(IPage page)
    {
        string? before = null;
        for (var now = ""; now != before; await page.WaitForTimeoutAsync(1500))
        {
            before = now;
            now = await page.GetAttributeAsync("[data-camera=door]", "data-frames");
        }
    }

    private static async Task KeysAndPhoneWork(IPage page, Browser browser, Uri address)
    {
        await page.FocusAsync("[data-camera=yard]");
        await page.Keyboard.PressAsync("Enter");
        Assert.True(await page.EvaluateAsync<bool>("() => document.querySelector('[data-camera=yard]').classList.contains('is-large')"));
        Assert.Equal(0, await page.Locator("button:visible:not([aria-label])")
            .EvaluateAllAsync<int>("all => all.filter(one => !one.textContent.trim()).length"));

        var phone = await browser.OpenAsync(address, isPhone: true);
        await Pictures(phone, "door", 1);
        Assert.True(
            await phone.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= innerWidth"),
            "the page is wider than the phone");
        await phone.CloseAsync();
    }

    private static double Changed(byte[] first, byte[] second)
    {
        using var one = SkiaSharp.SKBitmap.Decode(first);
        using var other = SkiaSharp.SKBitmap.Decode(second);
        Assert.Equal((one.Width, one.Height), (other.Width, other.Height));
        var changed = one.Pixels.Zip(other.Pixels).Count(pair =>
            Math.Abs(pair.First.Red - pair.Second.Red) + Math.Abs(pair.First.Green - pair.Second.Green)
            + Math.Abs(pair.First.Blue - pair.Second.Blue) > 12);
        return changed / (double)(one.Width * one.Height);
    }

    private static (int Width, int Height) SizeOf(byte[] jpeg)
    {
        using var picture = SkiaSharp.SKBitmap.Decode(jpeg);
        return (picture.Width, picture.Height);
    }

    private static async Task Eventually(Func<Task<bool>> isSo, string otherwise)
    {
        for (var tries = 0; tries < 100; tries++)
        {
            if (await isSo())
            {
                return;
            }

            await Task.Delay(100);
        }

        Assert.Fail(otherwise);
    }
}
