using System.Text.Json;
using ActionStream.EndToEnd.Support;

namespace ActionStream.EndToEnd.Scenarios;

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
            ["bench", "ingest", "--cameras", "2", "--seconds", "1", "--pairs", "1", "--json", "--out", page],
            TimeSpan.FromSeconds(60), ("TMPDIR", temp));

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

    [Fact]
    public async Task Models_that_keep_tokens_and_models_that_cannot_stand_beside_each_other()
    {
        var (code, output, all) = await Service.RunAsync(
            ["bench", "models", "factorised-tokenlearner-vivit-mini", "uniformer-xxs-4x128", "--pairs", "1", "--json"],
            TimeSpan.FromSeconds(60));

        Assert.True(code == 0, all);
        var models = JsonDocument.Parse(output).RootElement.GetProperty("models");
        Assert.Equal([true, false], models.EnumerateArray().Select(model => model.GetProperty("keeps_tokens").GetBoolean()));
        Assert.InRange(models[0].GetProperty("ratio").GetDouble(), 2, 15); // 6.7 by the multiply-accumulates
        Assert.InRange(models[1].GetProperty("ratio").GetDouble(), 0.3, 3);
    }

    [Fact]
    public async Task Gpu_measures_everything_where_there_is_only_a_cpu()
    {
        const string Mini = "factorised-tokenlearner-vivit-mini";
        var page = Path.Combine(_temp, "gpu.md");
        var (code, output, all) = await Service.RunAsync(
            ["bench", "gpu", "--device", "cpu", "--presets", Mini, "--batches", "2,1", "--seconds", "0.05", "--json", "--out", page],
            TimeSpan.FromSeconds(120), ("TMPDIR", _temp));

        Assert.True(code == 0, all);
        var json = JsonDocument.Parse(output).RootElement;
        Assert.Equal(0, json.GetProperty("failures").GetArrayLength());
        Assert.Equal(["fp16", "tf32", "fp32"], Each("roofline", row => row.GetProperty("numbers").GetString()));
        var roofline = Number(json.GetProperty("roofline")[0], "tflops_per_s");
        Assert.Equal(
            [("window", 1), ("window", 2), ("frame encoder", 1), ("frame encoder", 2), ("temporal head", 1), ("temporal head", 2)],
            Each("curve", row => (row.GetProperty("part").GetString(), (int)Number(row, "batch"))));
        Assert.All(json.GetProperty("curve").EnumerateArray(), row =>
        {
            Assert.Equal(Number(row, "batch") / Number(row, "ms") * 1e3, Number(row, "rows_per_s"), Number(row, "rows_per_s") * 0.01);
            Assert.Equal(Number(row, "tflops_per_s") / roofline, Number(row, "share"), 0.02);
        });

        var cameras = json.GetProperty("cameras")[0];
        Assert.InRange(Number(cameras, "ratio"), 2, 15); // 6.7 by the multiply-accumulates
        Assert.Equal(Math.Floor(Number(cameras, "decisions_per_s") / 4), Number(cameras, "cameras"));
        Assert.Equal(["cached tokens", "whole windows", "cached tokens"], Each("engine", row => row.GetProperty("path").GetString()));
        Assert.All(Each("engine", row => Number(row, "decisions_per_s")), rate => Assert.True(rate > 1, $"{rate}"));
        Assert.InRange(Number(json.GetProperty("sustained")[0], "answered"), 0.5, 1);
        Assert.InRange(Number(json.GetProperty("overlap")[0], "overlap"), 0, 1);
        Assert.All(Each("placement", row => (Number(row, "on_device"), Number(row, "on_cpu"))), nodes =>
            Assert.True(nodes is (0, > 20), $"{nodes}"));
        Assert.Equal(["fp32", "tf32", "fp16"], Each("answers", row => row.GetProperty("numbers").GetString()));
        Assert.Equal([0, 0], Each("answers", row => Number(row, "max_logit"))[..2]); // the CPU beside itself
        Assert.InRange(Each("answers", row => Number(row, "max_logit"))[2], 1e-6, 0.2);
        Assert.Contains("| cached tokens |", await File.ReadAllTextAsync(page), StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_temp, "actionstream-*"));

        static double Number(JsonElement row, string name) => row.GetProperty(name).GetDouble();
        List<T> Each<T>(string list, Func<JsonElement, T> value) => [.. json.GetProperty(list).EnumerateArray().Select(value)];
    }

    [Fact]
    public async Task Gpu_without_one_says_what_is_missing_and_wrong_words_are_refused()
    {
        var (code, _, all) = await Service.RunAsync(
            ["bench", "gpu"], TimeSpan.FromSeconds(30), ("CUDA_VISIBLE_DEVICES", ""), ("LD_LIBRARY_PATH", ""));
        Assert.True(code == 2, all);
        Assert.Matches(
            "(?m)^actionstream: (bench gpu measures a GPU, and none is to be had|device cuda was asked for and does not load): "
            + ".*(could not be loaded|built without CUDA|no NVIDIA GPU|CUDA said)",
            all);

        foreach (var (option, word, told) in ((string, string, string)[])
            [
                ("--presets", "factorised-tokenlearner-vivit-x", "there is no preset"), ("--presets", "x3d-m", "does not stream exactly"),
                ("--batches", "1,many", "--batches has many"), ("--seconds", "0", "more than 0"), ("--precision", "int8", "int8")])
        {
            (code, _, all) = await Service.RunAsync(["bench", "gpu", option, word], TimeSpan.FromSeconds(30));
            Assert.True(code == 2, all);
            Assert.Contains(told, all, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Inference_gives_both_sides_and_kept_tokens_answer_like_whole_windows()
    {
        var (code, output, all) = await Service.RunAsync(
            ["bench", "inference", "--model", TestModel.Folder, "--seconds", "1", "--pairs", "1", "--json"], TimeSpan.FromSeconds(90));
        Assert.True(code == 0, all);
        var json = JsonDocument.Parse(output).RootElement;
        Assert.Equal(
            json.GetProperty("engine_clips_per_s").GetDouble() / json.GetProperty("raw_clips_per_s").GetDouble(),
            json.GetProperty("ratio").GetDouble(), 0.01);

        (code, output, all) = await Service.RunAsync(
            ["bench", "inference", "--cache", "--windows", "8", "--pairs", "1", "--json"], TimeSpan.FromMinutes(4));
        Assert.True(code == 0, all);
        json = JsonDocument.Parse(output).RootElement;
        var cases = json.GetProperty("cases").EnumerateArray().Select(one => one.Deserialize<Dictionary<string, double>>()!).ToList();
        Assert.Equal(
            [(192, 16, 2), (192, 16, 1), (192, 32, 2), (192, 32, 1), (384, 16, 2), (384, 16, 1), (384, 32, 2), (384, 32, 1)],
            cases.Select(one => ((int)one["d"], (int)one["t"], (int)one["hop"])));
        Assert.All(cases, one =>
        {
            Assert.InRange(one["max_abs_diff"], 0, 1e-4);
            Assert.InRange(one["mac_ratio"], 6, 12);
            Assert.True(one["cached_ms"] < one["full_ms"], $"{one["cached_ms"]} of {one["full_ms"]} ms");
            Assert.Equal(one["speedup"] / one["mac_ratio"], one["efficiency"], 0.01);
        });
    }

    [NeedsFact("ffmpeg")]
    public async Task Inference_says_what_a_still_scene_costs_and_what_looking_for_one_costs_the_others()
    {
        var (code, output, all) = await Service.RunAsync(
            ["bench", "inference", "--still", "--pairs", "1", "--json"], TimeSpan.FromMinutes(2));
        Assert.True(code == 0, all);
        var json = JsonDocument.Parse(output).RootElement;
        var one = Assert.Single(json.GetProperty("cases").EnumerateArray());
        double Figure(string name) => one.GetProperty(name).GetDouble();
        Assert.Equal((0, 120), (Figure("different"), Figure("windows")));
        Assert.True(Figure("still_ms") * 2 < Figure("flicker_ms"), $"{one}");
        Assert.True(Figure("flicker_ms") < Figure("blind_ms"), $"{one}");
        Assert.InRange(Figure("busy_ratio"), 0.3, 3); // code that is compiled while it is measured
        var scene = Assert.Single(json.GetProperty("scenes").EnumerateArray());
        Assert.InRange(scene.GetProperty("reused").GetDouble(), 0.1, 1);
    }

    [Fact]
    public async Task Pipeline_hears_its_decisions_in_another_process_and_too_much_work_is_shared_out()
    {
        string[] load = [
            "bench", "pipeline", "--preset", "factorised-tokenlearner-vivit-mini", "--seconds", "2", "--settle", "2",
            "--pairs", "1", "--json"];
        var (code, output, all) = await Service.RunAsync([.. load, "--cameras", "2,4"], TimeSpan.FromSeconds(90));
        Assert.True(code == 0, all);
        var rows = JsonDocument.Parse(output).RootElement.GetProperty("cpu_per_camera").EnumerateArray().ToList();
        Assert.Equal([2, 4], rows.Select(row => row.GetProperty("cameras").GetInt32()));
        // four a second each
        Assert.All(
            rows, row => Assert.InRange(row.GetProperty("decisions_per_s").GetDouble() / row.GetProperty("cameras").GetInt32(), 3, 5));

        (code, output, all) = await Service.RunAsync([.. load, "--cameras", "4", "--overload", "3"], TimeSpan.FromSeconds(90));
        Assert.True(code == 0, all);
        var json = JsonDocument.Parse(output).RootElement;
        Assert.Equal(12, json.GetProperty("cameras").GetInt32());
        Assert.InRange(json.GetProperty("delivered_age_p99_ms").GetDouble(), 1, 1500); // the deadline is a second
        Assert.True(json.GetProperty("dropped").EnumerateObject().Sum(reason => reason.Value.GetInt64()) > 0, all);
        Assert.InRange(json.GetProperty("work_ratio").GetDouble(), 0.1, 5); // two seconds on a busy machine say little
        Assert.InRange(json.GetProperty("fairness").GetDouble(), 0.2, 1);
    }

    [NeedsFact("ffmpeg")]
    public async Task The_plan_says_how_many_cameras_fit_at_each_hop()
    {
        var (code, output, all) = await Service.RunAsync(
            ["bench", "pipeline", "--plan", "--preset", "factorised-tokenlearner-vivit-mini", "--seconds", "2", "--json"],
            TimeSpan.FromSeconds(90));

        Assert.True(code == 0, all);
        var json = JsonDocument.Parse(output).RootElement;
        var plan = json.GetProperty("plan").EnumerateArray().ToList();
        Assert.Equal([1, 2, 4, 8, 16], plan.Select(row => row.GetProperty("hop").GetInt32()));
        Assert.Equal(4, plan[1].GetProperty("decisions_per_s").GetDouble());
        Assert.All(plan.Zip(plan.Skip(1)), pair => Assert.True(
            pair.First.GetProperty("cores_per_camera").GetDouble() > pair.Second.GetProperty("cores_per_camera").GetDouble(), all));
        Assert.All(plan, row => Assert.InRange(
            row.GetProperty("cameras").GetInt32(), 0, row.GetProperty("cameras_model_only").GetInt32()));
        Assert.InRange(json.GetProperty("ingest_cores_per_camera").GetDouble(), 0.005, 1);
    }

    [Theory]
    [InlineData("pipeline", "--cameras", "8,x", "--cameras has x; expected numbers from 1 to 512, such as 8 or 1,4,16,64")]
    [InlineData("pipeline", "--against", "nowhere", "there is no such program. Build the one that comes with this repository")]
    [InlineData("inference", "--windows", "3", "--windows is 3; expected at least 8")]
    public async Task Wrong_words_are_told_in_one_line(string verb, string option, string value, string expected)
    {
        var (code, _, all) = await Service.RunAsync(["bench", verb, option, value]);
        Assert.Equal(2, code);
        Assert.Contains(expected, all, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", all, StringComparison.Ordinal);
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
