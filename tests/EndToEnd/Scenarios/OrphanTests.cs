using ActionStream.EndToEnd.Support;

namespace ActionStream.EndToEnd.Scenarios;

public sealed class OrphanTests
{
    [NeedsFact("ffmpeg", "setpriv", "rtsp")]
    public async Task No_ffmpeg_outlives_a_service_that_was_killed_not_even_a_stalled_one()
    {
        await using var camera = await RtspCamera.StartAsync(cameras: 2);
        await using var service = await Service.StartAsync(
            $"""
            node: orphans
            model: {"{"}path: {TestModel.Folder}, device: cpu{"}"}
            http: {"{"}port: 0{"}"}
            mqtt: {"{"}port: {Ports.Free()}{"}"}
            cameras:
              one: {"{"}url: "{camera.UrlOf(0)}"{"}"}
              two: {"{"}url: "{camera.UrlOf(1)}"{"}"}
              file: {"{"}url: "lavfi:testsrc2=size=160x120:rate=25"{"}"}
            """);
        var children = await PollAsync(() => Processes.Children(service.Child.Id), found => found.Length >= 3);
        camera.Freeze(); // from here the two cameras' ffmpeg only wait

        service.Child.Signal("KILL");
        await service.Child.ExitAsync(TimeSpan.FromSeconds(5));

        var left = await PollAsync(() => [.. children.Where(Processes.IsAlive)], alive => alive.Length == 0);
        Assert.True(left.Length == 0, $"still there: {string.Join(", ", left)} of {string.Join(", ", children)}");
    }

    /// <summary>Asks again until the answer suits or five seconds have passed: other processes have no event to wait for.</summary>
    private static async Task<int[]> PollAsync(Func<int[]> ask, Func<int[], bool> suits)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        for (var i = 0; i < 200 && !suits(ask()); i++)
        {
            await tick.WaitForNextTickAsync();
        }

        return ask();
    }
}
