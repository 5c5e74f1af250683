using System.Globalization;
using System.Text.Json;
using ActionStream.EndToEnd.Contracts.Ingest;
using ActionStream.EndToEnd.Support;

namespace ActionStream.EndToEnd.Scenarios;

/// <summary>Labelled clips by real ffmpeg and a real model: every clip is accounted for, and the numbers fit together.</summary>
public sealed class EvaluateTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("evaluate").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [NeedsFact("ffmpeg")]
    public async Task Every_clip_of_a_folder_is_judged_or_accounted_for()
    {
        Render("walk/long.mp4", 4, "testsrc2");
        Render("walk/short.mp4", 1, "testsrc2");
        Render("fall/bars.mp4", 3, "smptebars=size=320x180:rate=25,rotate=t");
        Render("idle/still.mp4", 3, "rgbtestsrc");
        Render("dance/x.mp4", 3, "testsrc2");
        Render("nap/y.mp4", 4, "testsrc2");
        Render("fall/dark.mp4", 3, "color=black:size=320x180:rate=25");
        Write("fall/broken.mp4", "this is no video");
        Write("map.yaml", "nap: quiet\nidle: null\n");

        var (code, answer, all) = await EvaluateAsync(_folder, "--map", Path.Combine(_folder, "map.yaml"), "--hop", "2");
        Assert.True(code == 1, all); // one could not be read
        var failed = Assert.Single(answer.GetProperty("failed").EnumerateArray());
        Assert.Equal("fall/broken.mp4", failed.GetProperty("file").GetString());
        Assert.Contains("fall/broken.mp4 was not judged", all, StringComparison.Ordinal);

        var unjudged = Assert.Single(answer.GetProperty("unjudged").EnumerateArray());
        Assert.Equal(
            ("fall/dark.mp4", "no window could be judged: dark"),
            (unjudged.GetProperty("file").GetString(), unjudged.GetProperty("reason").GetString()));

        var clips = answer.GetProperty("clips").EnumerateArray().ToArray();
        Assert.Equal(["fall/bars.mp4", "walk/long.mp4", "walk/short.mp4"], clips.Select(clip => clip.GetProperty("file").GetString()));
        Assert.Equal([false, false, true], clips.Select(clip => clip.GetProperty("padded").GetBoolean()));
        Assert.Equal([5, 9, 1], clips.Select(clip => clip.GetProperty("windows").GetInt32())); // 24, 32, 8 pictures
        Assert.Equal(1, answer.GetProperty("padded").GetInt32());
        Assert.Equal(2, answer.GetProperty("left_out").GetInt32());
        Assert.Equal("{\"dance\": 1}", answer.GetProperty("unknown_labels").ToString().Replace("\n", "", StringComparison.Ordinal)
            .Replace("  ", "", StringComparison.Ordinal));
        Assert.Equal("nap/y.mp4", Assert.Single(answer.GetProperty("quiet").EnumerateArray()).GetProperty("file").GetString());
        Assert.Equal(4.0 / 3600, answer.GetProperty("hours").GetDouble(), 4);
        Assert.Equal(5 + 9 + 1 + 9, answer.GetProperty("windows").GetInt64());
        FitsTogether(answer);
    }

    [NeedsFact("ffmpeg")]
    public async Task Pictures_unfinished_copies_and_time_lapses_are_named_and_not_counted()
    {
        Render("walk/deep/er/long.mp4", 4, "testsrc2");
        Render("walk/lapse.mp4", 60, "testsrc2=size=320x180:rate=1/5");
        Render("walk/one.mp4", 0.04, "testsrc2=size=320x180:rate=25");
        Write("walk/poster.jpg", "no matter");
        Write("walk/next.mp4.part", "half");
        Write("walk/Thumbs.db", "windows");

        var (code, answer, all) = await EvaluateAsync(_folder, "--hop", "2");
        Assert.True(code == 0, all);
        Assert.Equal("walk/deep/er/long.mp4", Assert.Single(answer.GetProperty("clips").EnumerateArray()).GetProperty("file").GetString());
        Assert.Equal(
            ["walk/Thumbs.db", "walk/next.mp4.part", "walk/poster.jpg"],
            answer.GetProperty("not_clips").EnumerateArray().Select(file => file.GetProperty("file").GetString()));
        var unjudged = answer.GetProperty("unjudged").EnumerateArray().ToDictionary(
            clip => clip.GetProperty("file").GetString()!, clip => clip.GetProperty("reason").GetString()!);
        Assert.StartsWith("its frames are 5.", unjudged["walk/lapse.mp4"], StringComparison.Ordinal);
        Assert.Equal("it is one picture, and no recording", unjudged["walk/one.mp4"]);
    }

    [NeedsFact("ffmpeg")]
    public async Task A_clips_score_is_the_mean_of_its_windows_and_does_not_depend_on_the_clips_before_it()
    {
        Render("walk/a.mp4", 4, "testsrc2");
        Render("walk/b.mp4", 4, "smptebars=size=320x180:rate=25,rotate=t");
        Write("site.yaml", $$"""
            model: {path: "{{TestModel.Folder}}"}
            cameras:
              door: {url: x.mp4, events: {smoothing: 0ms} }
            """);

        var (_, cached, _) = await EvaluateAsync(_folder, "--hop", "2", "--path", "cached");
        var (_, full, _) = await EvaluateAsync(_folder, "--hop", "2", "--path", "full");
        Assert.Equal(full.GetProperty("clips").ToString(), cached.GetProperty("clips").ToString());

        foreach (var clip in cached.GetProperty("clips").EnumerateArray())
        {
            var file = Path.Combine(_folder, clip.GetProperty("file").GetString()!);
            var (code, output, all) = await Service.RunAsync(
                ["replay", file, "-c", Path.Combine(_folder, "site.yaml"), "--hop", "2", "--json"]);
            Assert.True(code == 0, all);
            var scores = JsonDocument.Parse(output).RootElement.GetProperty("scores").EnumerateArray().ToArray();
            // one label leads throughout, so its mean is known
            var label = Assert.Single(scores.Select(score => score[1].GetString()).Distinct());
            Assert.Equal(label, clip.GetProperty("predicted").GetString());
            Assert.Equal(scores.Average(score => score[2].GetDouble()), clip.GetProperty("score").GetDouble(), 3);
        }
    }

    [NeedsFact("ffmpeg", "shared")]
    public async Task The_shared_clips_of_real_people()
    {
        Write("map.json", """{"other": "quiet", "get_up": "stand_up"}""");
        var (code, answer, all) = await EvaluateAsync(
            Path.Combine(Parts.Shared, "clips"), "--map", Path.Combine(_folder, "map.json"), "--segments");
        Assert.True(code == 0, all);
        FitsTogether(answer);
        Assert.True(answer.GetProperty("judged").GetInt32() > 40, all);
        Assert.Contains(answer.GetProperty("clips").EnumerateArray(), clip => clip.GetProperty("segment").ValueKind == JsonValueKind.Array);
        Assert.True(answer.GetProperty("hours").GetDouble() > 0.01, all);
    }

    [NeedsFact("ffmpeg")]
    public async Task Every_mistake_gets_one_message()
    {
        Render("twist/a.mp4", 1, "testsrc2");
        Write("bad.yaml", "twist: wlak\n");
        string[] model = ["--model", TestModel.Folder];
        await ReplayTests.ExpectAsync("nowhere does not exist; expected a folder", ["evaluate", "nowhere", .. model]);
        await ReplayTests.ExpectAsync("its labels are twist; model", ["evaluate", _folder, .. model]);
        await ReplayTests.ExpectAsync(
            "bad.yaml:1: twist is wlak; expected a label of model",
            ["evaluate", _folder, "--map", Path.Combine(_folder, "bad.yaml"), .. model]);
        await ReplayTests.ExpectAsync("nomap.yaml:1: does not exist", ["evaluate", _folder, "--map", "nomap.yaml", .. model]);
        Write("manifest.json", "{");
        await ReplayTests.ExpectAsync("manifest.json is not JSON", ["evaluate", _folder, .. model]);
    }

    private static void FitsTogether(JsonElement answer)
    {
        var clips = answer.GetProperty("clips").EnumerateArray().ToArray();
        var right = clips.Count(clip => clip.GetProperty("label").GetString() == clip.GetProperty("predicted").GetString());
        Assert.Equal(clips.Length, answer.GetProperty("judged").GetInt32());
        Assert.Equal((double)right / clips.Length, answer.GetProperty("top1").GetDouble(), 3);
        Assert.InRange(
            answer.GetProperty("top1").GetDouble(), answer.GetProperty("top1_interval")[0].GetDouble(),
            answer.GetProperty("top1_interval")[1].GetDouble());
        Assert.InRange(answer.GetProperty("top5").GetDouble(), answer.GetProperty("top1").GetDouble(), 1);
        Assert.Equal(
            clips.Length,
            answer.GetProperty("confusion").EnumerateObject().Sum(row => row.Value.EnumerateObject().Sum(cell => cell.Value.GetInt32())));
        Assert.Equal(clips.Length, answer.GetProperty("per_class").EnumerateObject().Sum(row => row.Value.GetProperty("n").GetInt32()));
        Assert.Equal(
            answer.GetProperty("false_events").GetInt32(),
            answer.GetProperty("quiet").EnumerateArray().Sum(clip => clip.GetProperty("events").GetArrayLength()));
        Assert.All(clips, clip => Assert.True(clip.GetProperty("score").GetDouble() >= clip.GetProperty("true_score").GetDouble()));
    }

    private static async Task<(int Code, JsonElement Answer, string All)> EvaluateAsync(string data, params string[] more)
    {
        var (code, output, all) = await Service.RunAsync(
            ["evaluate", data, "--model", TestModel.Folder, "--json", .. more], TimeSpan.FromMinutes(3));
        Assert.True(output.StartsWith('{'), all);
        return (code, JsonDocument.Parse(output).RootElement, all);
    }

    private void Render(string file, double seconds, string source)
    {
        var input = source.Contains('=', StringComparison.Ordinal) ? source : $"{source}=size=320x180:rate=25";
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(_folder, file))!);
        File.WriteAllBytes(Path.Combine(_folder, file), Videos.Output(string.Create(
            CultureInfo.InvariantCulture,
            $"-f lavfi -i {input} -t {seconds} -c:v libx264 -preset ultrafast -pix_fmt yuv420p -movflags frag_keyframe -f mp4")));
    }

    private void Write(string file, string text) => File.WriteAllText(Path.Combine(_folder, file), text);
}
