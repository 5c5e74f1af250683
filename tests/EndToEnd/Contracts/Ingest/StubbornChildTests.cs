using System.Diagnostics;
using System.Globalization;
using ActionStream.EndToEnd.Support;
using ActionStream.Ingest.Ffmpeg;
using ActionStream.Ingest.Sources;

namespace ActionStream.EndToEnd.Contracts.Ingest;

/// <summary>Children that do not go when they are asked to, and children that leave others behind: after the end nothing is left.</summary>
[Collection(nameof(CountsChildren))]
public sealed class StubbornChildTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("stubborn-").FullName;
    private readonly FfmpegLauncher _launcher = new(TimeProvider.System);

    // A time to sleep for that nobody else on this machine sleeps for.
    private readonly string _mark = Random.Shared.Next(100_000_000, 999_999_999).ToString(CultureInfo.InvariantCulture);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [NeedsFact("setpriv", "setsid")]
    public async Task A_child_that_ignores_SIGTERM_is_killed_with_all_that_it_started_within_two_seconds()
    {
        var run = Start(
            $"""
            trap '' TERM
            sleep {_mark} &
            sleep {_mark} < /dev/null > /dev/null 2>&1 &
            while :; do sleep {_mark}; done
            """);
        await SleepersAsync(3);
        var began = TimeProvider.System.GetTimestamp();

        await run.DisposeAsync();

        Assert.InRange(TimeProvider.System.GetElapsedTime(began).TotalSeconds, 0.5, 2.5);
        Assert.Equal(128 + 9, await run.Exited);
        await SleepersAsync(0);
        Assert.Equal(0, ChildProcesses.Count);
    }

    [NeedsFact("setpriv", "setsid")]
    public async Task A_child_that_dies_and_leaves_one_with_its_pipes_behind_has_ended_all_the_same()
    {
        await using var run = Start(
            $"""
            sleep {_mark} &
            echo last words >&2
            exit 3
            """);

        Assert.Equal(3, await run.Exited.WaitAsync(CameraRig.Soon(5)));
        Assert.Equal(-1, run.Output.ReadByte());
        Assert.Equal(["last words"], run.Lines);
        await SleepersAsync(0);
    }

    [NeedsFact("setpriv", "setsid")]
    public async Task A_child_has_its_own_few_files_and_the_memory_that_it_was_given()
    {
        await using var run = Start("ulimit -S -n >&2; ulimit -d >&2", memory: 300_000 * 1024L);
        Assert.Equal(0, await run.Exited.WaitAsync(CameraRig.Soon(5)));

        await using var free = Start("ulimit -d >&2");
        Assert.Equal(0, await free.Exited.WaitAsync(CameraRig.Soon(5)));

        Assert.Equal(["256", "300000"], run.Lines);
        Assert.Equal(["unlimited"], free.Lines);
    }

    private IFfmpegChild Start(string script, long? memory = null)
    {
        var program = Path.Combine(_folder, "child");
        File.WriteAllText(program, "#!/bin/sh\n" + script + "\n");
        Process.Start("chmod", ["+x", program]).WaitForExit();
        return _launcher.Start(new FfmpegTool(program, "5.1"), new([], "nothing", []), memory);
    }

    private async Task SleepersAsync(int expected)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        var soon = CameraRig.Soon(5);
        while (Processes.WithArgument(_mark).Length != expected)
        {
            await tick.WaitForNextTickAsync(soon);
        }
    }
}
