using System.Text.Json;
using ActionStream.EndToEnd.Support;

namespace ActionStream.EndToEnd.Scenarios;

public sealed class DemoTests
{
    [NeedsFact("ffmpeg")]
    public async Task The_demo_publishes_scores_for_every_window_and_a_subscriber_gets_them_all()
    {
        var (code, output, all) = await Service.RunAsync(["demo", "--for", "6s", "--json", "--model", TestModel.Folder]);

        Assert.True(code == 0, all);
        var summary = JsonDocument.Parse(output).RootElement;
        long Number(string name) => summary.GetProperty(name).GetInt64();
        Assert.True(Number("mqtt_received") > 10, output);
        Assert.Equal(Number("mqtt_published"), Number("mqtt_received"));
        Assert.InRange(Number("frames"), 40, 56); // 8 a second
        Assert.InRange(Number("decisions"), 13, 20); // the first window after 1.9 s, then four a second
        var dropped = summary.GetProperty("dropped").EnumerateObject().Sum(entry => entry.Value.GetInt64());
        Assert.Equal(Number("clips"), Number("decisions") + dropped);
        Assert.InRange(summary.GetProperty("latency_ms").GetProperty("p50").GetDouble(), 1, 1000);
        Assert.Equal(
            ["capture", "infer", "post", "publish", "queue", "window"],
            summary.GetProperty("stages_ms").EnumerateObject().Select(stage => stage.Name).Order());
        Assert.False(summary.GetProperty("trained").GetBoolean());
        Assert.InRange(Number("judged_seconds"), 3, 6); // of six, and the last window's centre lies one before its end
        Assert.Equal((double)Number("agreed_seconds") / Number("judged_seconds"), summary.GetProperty("agreement").GetDouble(), 2);
        Assert.Contains("UNTRAINED", all, StringComparison.Ordinal);
    }

    [NeedsFact("ffmpeg")]
    public async Task Without_a_terminal_the_demo_prints_lines_and_says_that_an_untrained_model_means_nothing()
    {
        var (code, output, all) = await Service.RunAsync(["demo", "--for", "8s", "--model", TestModel.Folder]);
        Assert.True(code == 0, all);
        Assert.Contains("its labels mean nothing", output, StringComparison.Ordinal);
        Assert.Contains("truth        | detection", output, StringComparison.Ordinal);
        Assert.Matches(@"\n +\d   \w+ +\| \w+ +\| [= ]  \w+ 0\.\d\d", output);
        Assert.Matches(@"agrees with the truth in \d of \d seconds \(an untrained model: by chance\)", output);
        Assert.Contains("received by a subscriber", output, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', output);
    }
}
