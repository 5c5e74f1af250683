using System.Diagnostics;
using ActionStream.EndToEnd.Support;
using ActionStream.Ingest.Ffmpeg;
using ActionStream.Ingest.Sources;

namespace ActionStream.EndToEnd.Contracts.Ingest;

/// <summary>Tests that count all children of the process, and so run alone.</summary>
[CollectionDefinition(nameof(CountsChildren), DisableParallelization = true)]
public sealed class CountsChildren;

/// <summary>What every child of ours must do: give all it writes, say why it ended, and be gone when it should be.</summary>
[Collection(nameof(CountsChildren))]
public sealed class FfmpegLauncherTests
{
    private const string Marker = "comment=actionstream-launcher-test";

    private readonly FfmpegTool _tool = FfmpegTool.Find();
    private readonly FfmpegLauncher _launcher = new(TimeProvider.System);

    [NeedsFact("ffmpeg")]
    public async Task All_that_a_child_writes_arrives_and_it_is_reaped()
    {
        await using var run = Start("testsrc2=size=16x12:rate=100:duration=1");

        var bytes = Read(run);

        Assert.True(bytes == 100 * 16 * 12 * 3, $"{bytes} bytes");
        Assert.Equal(0, await run.Exited.WaitAsync(CameraRig.Soon()));
        Assert.Equal(0, Children());
    }

    [NeedsFact("ffmpeg")]
    public async Task Words_arrive_as_they_are_whatever_they_hold()
    {
        var folder = Directory.CreateTempSubdirectory("it's \"odd\" $HOME ").FullName;
        File.Copy(Videos.Mp4, Path.Combine(folder, "a b\\.mp4"));
        await using var run = _launcher.Start(
            _tool, new(["-hide_banner"], "file:" + Path.Combine(folder, "a b\\.mp4"), Out("scale=16:12,select='lt(n,5)'")));

        Assert.InRange(Read(run), 5 * 16 * 12 * 3, 6 * 16 * 12 * 3);
        Assert.Equal(0, await run.Exited.WaitAsync(CameraRig.Soon()));
        Directory.Delete(folder, recursive: true);
    }

    [NeedsFact("ffmpeg")]
    public async Task A_child_that_fails_leaves_its_last_words_without_the_password()
    {
        await using var run = _launcher.Start(_tool, new(["-hide_banner"], "rtsp://admin:hunter2@127.0.0.1:1/x", Out("null")));

        Assert.Equal(0, Read(run));
        Assert.NotEqual(0, await run.Exited.WaitAsync(CameraRig.Soon()));
        Assert.Contains(run.Lines, line => line.Contains("Connection refused", StringComparison.Ordinal));
        Assert.DoesNotContain(run.Lines, line => line.Contains("hunter2", StringComparison.Ordinal));
    }

    [NeedsFact("ffmpeg")]
    public async Task A_flood_on_standard_error_neither_blocks_nor_grows()
    {
        await using var run = _launcher.Start(_tool, new(
            ["-hide_banner", "-loglevel", "trace", "-f", "lavfi"], "testsrc2=size=16x12:rate=1000:duration=20", Out("showinfo")));

        Read(run);

        Assert.Equal(0, await run.Exited.WaitAsync(CameraRig.Soon()));
        Assert.True(run.LineCount > 20_000, $"{run.LineCount} lines");
        Assert.InRange(run.Lines.Count, 1, 50);
    }

    [NeedsFact("ffmpeg")]
    public async Task The_signal_that_ended_a_child_is_its_exit_code_and_the_fault_is_called_a_crash()
    {
        await using var run = Start("testsrc2=size=16x12:rate=25");
        var pid = await Pid();

        Process.Start("kill", $"-SEGV {pid}").WaitForExit();
        Read(run);

        var code = await run.Exited.WaitAsync(CameraRig.Soon());
        Assert.Equal(128 + 11, code);
        Assert.Equal(SourceFault.Crashed, FfmpegFaults.Read("cam", isLive: true, code, wasCutOff: false, run.Lines)?.Fault);
    }

    [NeedsFact("ffmpeg")]
    public async Task A_frozen_child_is_ended_within_the_grace()
    {
        var run = Start("testsrc2=size=16x12:rate=25");
        var pid = await Pid();
        Process.Start("kill", $"-STOP {pid}").WaitForExit();
        var began = TimeProvider.System.GetTimestamp();

        await run.DisposeAsync();

        Assert.InRange(TimeProvider.System.GetElapsedTime(began).TotalSeconds, 0, 3);
        Assert.True(run.Exited.IsCompleted);
        Assert.Equal(0, Children());
    }

    [NeedsFact("ffmpeg")]
    public async Task Two_hundred_forced_kills_leave_nothing_behind()
    {
        var handles = 0;
        for (var i = 0; i < 25; i++)
        {
            var runs = Enumerable.Range(0, 8).Select(_ => Start("testsrc2=size=16x12:rate=25")).ToArray();
            var reading = runs.Select(run => Task.Factory.StartNew(() => Read(run), TaskCreationOptions.LongRunning)).ToArray();
            foreach (var run in runs)
            {
                run.Kill();
            }

            await Task.WhenAll(reading).WaitAsync(CameraRig.Soon(10)); // no reader is left waiting
            await Task.WhenAll(runs.Select(run => run.DisposeAsync().AsTask())).WaitAsync(CameraRig.Soon(10));
            handles = i == 0 ? Handles() : handles;
        }

        Assert.Equal(0, Children());
        Assert.Equal(0, ChildProcesses.Count);
        Assert.InRange(Handles(), 0, handles + 16);
    }

    private IFfmpegChild Start(string graph) => _launcher.Start(_tool, new(["-hide_banner", "-re", "-f", "lavfi"], graph, Out("null")));

    private static string[] Out(string filter) =>
        [
            "-map", "0:v", "-vf", filter, "-c:v", "rawvideo", "-pix_fmt", "rgb24", "-metadata", Marker, "-f", "rawvideo",
            "-flush_packets", "1",
        ];

    private static long Read(IFfmpegChild run)
    {
        var total = 0L;
        var buffer = new byte[65536];
        for (int count; (count = run.Output.Read(buffer)) > 0;)
        {
            total += count;
        }

        return total;
    }

    private static async Task<int> Pid()
    {
        for (var soon = CameraRig.Soon(); ; await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, soon))
        {
            if (Pids() is [var pid, ..])
            {
                return pid;
            }
        }
    }

    private static int Children() => Pids().Length;

    /// <summary>Open files of this process, after a full collection: what a finaliser still frees is late, not lost.</summary>
    private static int Handles()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return Directory.GetFiles("/proc/self/fd").Length;
    }

    // By a word of our own on the command line, whatever their parent is; the dead have none.
    private static int[] Pids() =>
    [
        .. from folder in Directory.GetDirectories("/proc")
           where int.TryParse(Path.GetFileName(folder), out _)
           where CommandLine(folder).Contains(Marker, StringComparison.Ordinal)
           select int.Parse(Path.GetFileName(folder)),
    ];

    private static string CommandLine(string folder)
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, "cmdline"));
        }
        catch (IOException)
        {
            return ""; // gone meanwhile
        }
    }
}
