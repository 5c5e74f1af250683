using ActionStream.EndToEnd.Support;

namespace ActionStream.EndToEnd.Scenarios;

/// <summary>Completion as a shell does it: the script is sourced by a real bash, and its function asked as readline would.</summary>
public sealed class CompletionTests
{
    // The line is typed up to its end; the program stands on the path.
    private const string Script = """
        PATH="$1:$PATH"
        source <(actionstream completion bash) || exit 9
        COMP_LINE="$2"; COMP_POINT=${#COMP_LINE}
        read -ra COMP_WORDS <<<"$COMP_LINE"; [[ $COMP_LINE == *' ' ]] && COMP_WORDS+=('')
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        _actionstream
        printf '%s\n' "${COMPREPLY[@]}"
        """;

    [NeedsTheory("/bin/bash")]
    [InlineData("actionstream mo", "models")]
    [InlineData("actionstream sch", "schema")]
    [InlineData("actionstream disc", "discover")]
    [InlineData("actionstream discover --pass", "--password-file")]
    [InlineData("actionstream models im", "import")]
    [InlineData("actionstream models import x.pth --pa", "--part")]
    [InlineData("actionstream models build uniformer-xxs-8", "uniformer-xxs-8x128\nuniformer-xxs-8x160")]
    [InlineData("actionstream models import x.pth --as x3d", "x3d-xs\nx3d-s\nx3d-m\nx3d-l")]
    [InlineData("actionstream replay x.mp4 --path f", "full")]
    [InlineData("actionstream models inspect ", "")] // bash itself completes files there
    public async Task Bash_completes_verbs_options_choices_and_presets(string line, string expected)
    {
        await using var bash = new Child("/bin/bash", ["-c", Script, "bash", Path.GetDirectoryName(Service.Program)!, line]);
        Assert.True(await bash.ExitAsync(TimeSpan.FromSeconds(30)) == 0, bash.All);
        Assert.Equal(expected.Split('\n').Order(), bash.Output.Trim().Split('\n').Order());
    }

    [Fact]
    public async Task Every_verb_of_the_page_is_in_the_help()
    {
        var (code, output, all) = await Service.RunAsync(["--help"]);
        Assert.True(code == 0, all);
        string[] verbs =
        [
            "run", "check", "schema", "discover", "probe", "replay", "evaluate", "doctor", "history", "models", "version", "completion",
        ];
        foreach (var verb in verbs)
        {
            Assert.Contains($"  {verb} ", output, StringComparison.Ordinal);
        }
    }
}
