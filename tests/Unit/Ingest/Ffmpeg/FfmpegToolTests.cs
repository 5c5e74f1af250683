using System.Diagnostics;
using ActionStream.Ingest.Ffmpeg;
using ActionStream.Ingest.Sources;

namespace ActionStream.Unit.Ingest.Ffmpeg;

public sealed class FfmpegToolTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ffmpeg-tool-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("ffmpeg version 4.4.2-0ubuntu0.22.04.1 Copyright (c) 2000-2021", "4.4")]
    [InlineData("ffmpeg version 5.1.9-0+deb12u1 Copyright (c) 2000-2026", "5.1")]
    [InlineData("ffmpeg version n7.1.1 Copyright", "7.1")]
    [InlineData("ffmpeg version 8.0 Copyright", "8.0")]
    public void A_release_from_the_oldest_on_is_taken(string says, string number)
    {
        var tool = Find(says);

        Assert.Equal(Version.Parse(number), tool.Number);
        Assert.Null(tool.Note);
    }

    [Theory]
    [InlineData("ffmpeg version N-109468-gd39b34123d Copyright (c) 2000-2022")]
    [InlineData("ffmpeg version git-2024-01-01-abcdef Copyright")]
    public void A_build_from_git_is_taken_for_a_new_one_and_that_is_said(string says)
    {
        var tool = Find(says);

        Assert.True(tool.Number >= new Version(7, 0), $"{tool.Number}");
        Assert.Contains(tool.Version, tool.Note, StringComparison.Ordinal);
    }

    [Fact]
    public void A_version_that_is_too_old_is_named_with_its_place_what_is_needed_and_how_to_get_it()
    {
        var wrong = Assert.Throws<SourceException>(() => Find("ffmpeg version 4.2.7-0ubuntu0.1 Copyright"));

        Assert.Equal(SourceFault.NoFfmpeg, wrong.Fault);
        Assert.StartsWith(
            $"{_folder}/ffmpeg is ffmpeg 4.2.7-0ubuntu0.1; expected ffmpeg 4.4 or newer. Install it: apt install ffmpeg",
            wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_there_is_none_the_places_are_named_and_a_file_that_nobody_may_run_is_none()
    {
        File.WriteAllText(Path.Combine(_folder, "ffmpeg"), "#!/bin/sh\n");

        var missing = Assert.Throws<SourceException>(() => FfmpegTool.Find($"/nowhere:{_folder}"));

        Assert.StartsWith($"ffmpeg was not found on PATH (/nowhere:{_folder}); expected", missing.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_program_of_that_name_is_quoted() => Assert.Contains(
        "does not say which version of ffmpeg it is (it says: Hello, world)",
        Assert.Throws<SourceException>(() => Find("Hello, world")).Message, StringComparison.Ordinal);

    private FfmpegTool Find(string says)
    {
        var program = Path.Combine(_folder, "ffmpeg");
        File.WriteAllText(program, $"#!/bin/sh\necho '{says}'\n");
        Process.Start("chmod", ["+x", program]).WaitForExit();
        return FfmpegTool.Find(_folder);
    }
}
