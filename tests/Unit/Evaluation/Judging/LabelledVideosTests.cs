using ActionStream.Evaluation.Judging;
using ActionStream.Host;

namespace ActionStream.Unit.Evaluation.Judging;

public sealed class LabelledVideosTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("clips").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_folder_for_each_label_in_the_order_of_names_without_what_is_no_clip()
    {
        foreach (var file in (string[])["walk/b.mp4", "walk/a.avi", "fall/1.mkv", "fall/notes.txt", "fall/.hidden.mp4", "LICENSE"])
        {
            Write(file, "");
        }

        var clips = LabelledVideos.Load(_folder).Videos;
        Assert.Equal(["fall/1.mkv", "walk/a.avi", "walk/b.mp4"], clips.Select(clip => clip.Name));
        Assert.Equal(["fall", "walk", "walk"], clips.Select(clip => clip.Label));
        Assert.All(clips, clip => Assert.True(File.Exists(clip.Path)));
    }

    [Fact]
    public void What_is_no_clip_is_named_with_what_it_is_and_what_is_one_is_found_at_any_depth()
    {
        foreach (var file in (string[])[
            "walk/poster.jpg", "walk/b.mp4.part", "walk/Thumbs.db", "walk/day1/cam2/c.mp4", "walk/@eaDir/c.mp4", "walk/.cache/d.mp4",
            "walk/README", "walk/sound.wav", "stray.mp4", "notes.txt", "fall/UPPER.MP4", "fall/odd.ending"])
        {
            Write(file, "x");
        }

        File.WriteAllBytes(Path.Combine(_folder, "fall", "nameless"), [0, 0, 0, 24, .. "ftypisom"u8]);
        Directory.CreateSymbolicLink(Path.Combine(_folder, "walk", "day1", "again"), Path.Combine(_folder, "walk"));

        var (clips, others) = LabelledVideos.Load(_folder);
        Assert.Equal(
            [("fall/UPPER.MP4", "fall"), ("fall/nameless", "fall"), ("fall/odd.ending", "fall"), ("walk/day1/cam2/c.mp4", "walk")],
            clips.Select(clip => (clip.Name, clip.Label)).OrderBy(clip => clip.Name, StringComparer.Ordinal));
        Assert.Equal(
            [
                "notes.txt a text", "stray.mp4 without a label, since it lies in no label's folder",
                "walk/README a file without an ending that does not begin like a video", "walk/Thumbs.db of the system",
                "walk/b.mp4.part unfinished", "walk/poster.jpg a picture", "walk/sound.wav sound",
            ],
            others.Select(file => $"{file.File} {file.What}").Order(StringComparer.Ordinal));
        Assert.Contains("1 a picture: walk/poster.jpg", NoVideo.Summed(others));
    }

    [Fact]
    public void A_manifest_goes_before_folders_and_what_was_observed_before_what_was_noted()
    {
        Write("walk/b.mp4", "");
        Write("manifest.json", """
            {"labels": ["x"], "clips": [
              {"file": "x/1.mp4", "label": "fall", "segments": [{"label": "fall", "start": 0, "end": 9}],
               "observed_segments": [{"label": "fall", "start": 0.5, "end": 1.5, "note": "n"}, {"label": "lie", "start": 1.5, "end": 9}]},
              {"file": "x/2.mp4", "label": "walk", "segments": [{"label": "walk", "start": 1, "end": 2}], "observed_segments": [{"label": "lie", "start": 3, "end": 4}]},
              {"file": "x/3.mp4", "label": "walk", "person": null}]}
            """);

        var clips = LabelledVideos.Load(_folder).Videos;
        Assert.Equal(["x/1.mp4", "x/2.mp4", "x/3.mp4"], clips.Select(clip => clip.Name));
        Assert.Equal(Path.Combine(_folder, "x/1.mp4"), clips[0].Path);
        Assert.Equal([new Segment("fall", 0.5, 1.5), new Segment("lie", 1.5, 9)], clips[0].Segments);
        Assert.Equal([new Segment("walk", 1, 2)], clips[1].Segments);
        Assert.Empty(clips[2].Segments);
        Assert.Equal(
            clips.Select(clip => clip.Name), LabelledVideos.Load(Path.Combine(_folder, "manifest.json")).Videos.Select(clip => clip.Name));
    }

    [Theory]
    [InlineData("{", "is not JSON (line 1)")]
    [InlineData("[]", "has no list \"clips\"")]
    [InlineData("""{"clips": []}""", "holds no clips")]
    [InlineData("""{"clips": [{"file": "a.mp4"}]}""", "clips[0] is {\"file\": \"a.mp4\"}; expected \"label\": a text")]
    [InlineData("""{"clips": [7]}""", "clips[0] is 7; expected \"file\": a text")]
    [InlineData("""{"clips": [{"file": "a", "label": "b", "segments": 3}]}""", "clips[0].segments is 3; expected a list")]
    [InlineData(
        """{"clips": [{"file": "a", "label": "b", "segments": [{"label": "b", "start": "1", "end": 2}]}]}""",
        "expected \"start\": seconds")]
    [InlineData(
        """{"clips": [{"file": "a", "label": "b", "segments": [{"label": "b", "start": 3, "end": 2}]}]}""",
        "segments[0] ends before it starts")]
    public void A_manifest_that_is_none_is_refused_with_the_place(string text, string message)
    {
        Write("manifest.json", text);
        Assert.Contains(message, Assert.Throws<UsageException>(() => LabelledVideos.Load(_folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_there()
    {
        Assert.Contains(
            "holds no clips", Assert.Throws<UsageException>(() => LabelledVideos.Load(_folder)).Message, StringComparison.Ordinal);
        Write("walk/poster.jpg", "");
        Assert.EndsWith(
            "What is there: 1 a picture: walk/poster.jpg",
            Assert.Throws<UsageException>(() => LabelledVideos.Load(_folder)).Message, StringComparison.Ordinal);
        Assert.Contains(
            "does not exist", Assert.Throws<UsageException>(() => LabelledVideos.Load(_folder + "/no")).Message, StringComparison.Ordinal);
    }

    private void Write(string file, string text)
    {
        var path = Path.Combine(_folder, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
