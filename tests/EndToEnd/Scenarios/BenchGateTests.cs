using System.Text.Json;
using ActionStream.EndToEnd.Support;

namespace ActionStream.EndToEnd.Scenarios;

/// <summary>`bench gate`: the service's camera before recordings, asleep and awake, beside a plain ffmpeg.</summary>
public sealed class BenchGateTests : IDisposable
{
    private readonly string _temp = Directory.CreateTempSubdirectory("bench-gate-").FullName;

    public void Dispose() => Directory.Delete(_temp, recursive: true);

    [NeedsFact("ffmpeg")]
    public async Task A_camera_that_slept_decides_as_one_that_never_does_and_does_so_again_alone()
    {
        // B pictures with a key picture every ten seconds, and a quiet scene in which it sleeps until somebody waves.
        var both = await RunAsync("--recordings", "2", "--from", "18");
        var last = await RunAsync("--recordings", "1", "--from", "19");

        Assert.Equal(2, both.Json.GetProperty("equal").GetInt32());
        Assert.Equal(0, both.Json.GetProperty("unequal_windows").GetInt32());
        Assert.InRange(both.Json.GetProperty("windows").GetInt32(), 100, 1000);
        Assert.InRange(last.Json.GetProperty("asleep_share").GetDouble(), 0.2, 1);
        Assert.Equal(2, both.Told.Length);
        Assert.Equal(both.Told[^1..], last.Told);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_temp, "actionstream-*"));
    }

    private async Task<(JsonElement Json, string[] Told)> RunAsync(params string[] options)
    {
        var (code, output, all) = await Service.RunAsync(
            ["bench", "gate", "--seed", "4242", "--model", TestModel.Folder, "--json", .. options], TimeSpan.FromMinutes(3), ("TMPDIR", _temp));
        Assert.True(code == 0, all);
        return (JsonDocument.Parse(output).RootElement,
            [.. all.Split('\n').Where(line => line.StartsWith("4242-", StringComparison.Ordinal)).Select(line => line.Trim())]);
    }
}
