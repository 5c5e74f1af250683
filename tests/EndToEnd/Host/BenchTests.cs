using System.Text.Json;
using ActionStream.EndToEnd.Support;

namespace ActionStream.EndToEnd.Host;

/// <summary>The verb `bench` with a load that says nothing about speed and everything about the verb.</summary>
public sealed class BenchTests : IDisposable
{
    private readonly string _temp = Directory.CreateTempSubdirectory("bench-test-").FullName;

    public void Dispose() => Directory.Delete(_temp, recursive: true);

    [NeedsFact("ffmpeg")]
    public async Task Ingest_gives_its_figures_as_one_document_and_leaves_no_child_and_no_file()
    {
        var page = Path.Combine(_temp, "pages", "ingest.md");
        var temp = Directory.CreateDirectory(Path.Combine(_temp, "tmp")).FullName;

        var (code, output, all) = await Service.RunAsync(
            ["bench", "ingest", "--cameras", "2", "--seconds", "1", "--pairs", "1", "--json", "--out", page], TimeSpan.FromSeconds(60), ("TMPDIR", temp));

        Assert.True(code == 0, all);
        var json = JsonDocument.Parse(output).RootElement;
        var (floor, ours) = (json.GetProperty("floor_cpu_s").GetDouble(), json.GetProperty("cpu_s").GetDouble());
        Assert.InRange(floor, 0.005, 4);
        Assert.InRange(ours, 0.005, 4);
        Assert.Equal(ours / floor, json.GetProperty("ratio").GetDouble(), 0.05);
        Assert.InRange(json.GetProperty("own_cpu_s").GetDouble(), 0, ours);
        Assert.InRange(json.GetProperty("frames").GetInt64(), 12, 20); // two cameras, eight a second
        Assert.InRange(json.GetProperty("clips").GetInt64(), 5, 11); // one for every two of them
        Assert.InRange(json.GetProperty("floor_done").GetDouble(), 0.3, 3); // a second is short beside a block of the file
        Assert.InRange(json.GetProperty("done").GetDouble(), 0.3, 3);
        Assert.Equal(0, json.GetProperty("thresholds").GetArrayLength()); // one pair proves nothing
        Assert.Contains("| ratio |", await File.ReadAllTextAsync(page), StringComparison.Ordinal);

        Assert.Empty(Directory.EnumerateFileSystemEntries(temp, "actionstream-*"));
        Assert.Empty(CommandLinesWith(temp));
    }

    [NeedsFact("ffmpeg")]
    public async Task A_bench_that_is_told_to_stop_takes_its_children_along()
    {
        await using var bench = new Child(
            Service.Program, ["bench", "ingest", "--cameras", "2", "--seconds", "600", "--pairs", "1"], ("TMPDIR", _temp));
        var started = await CommandLineAsync(_temp);

        bench.Signal("TERM");

        Assert.Equal(1, await bench.ExitAsync(TimeSpan.FromSeconds(10)));
        Assert.NotEmpty(started);
        Assert.Empty(CommandLinesWith(_temp));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_temp, "actionstream-*"));
    }

    [Theory]
    [InlineData("--cameras", "0")]
    [InlineData("--seconds", "x")]
    public async Task A_load_that_makes_no_sense_is_wrong_usage(string option, string value)
    {
        var (code, _, all) = await Service.RunAsync(["bench", "ingest", option, value]);

        Assert.Equal(2, code);
        Assert.Contains(option, all, StringComparison.Ordinal);
    }

    /// <summary>Asks again until a child is there: other processes have no event to wait for.</summary>
    private static async Task<string[]> CommandLineAsync(string word)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        for (var i = 0; i < 200; i++)
        {
            if (CommandLinesWith(word) is { Length: > 0 } found)
            {
                return found;
            }

            await tick.WaitForNextTickAsync();
        }

        return [];
    }

    private static string[] CommandLinesWith(string word) =>
        [.. Directory.EnumerateDirectories("/proc").Where(folder => int.TryParse(Path.GetFileName(folder), out _)).Select(CommandLine)
            .Where(line => line.Contains(word, StringComparison.Ordinal))];

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
