using System.CommandLine;
using ActionStream.Host;

namespace ActionStream.Cli.Commands;

/// <summary>`completion`: what a shell needs to complete verbs, options and presets. The script asks the program itself, so it
/// never grows old.</summary>
internal static class CompletionCommand
{
    // The program answers `[suggest:POSITION] LINE` with one word a line. Options are offered once a dash is typed, so that files
    // complete where a verb takes one.
    private const string Bash = """
        # In ~/.bashrc:  source <(actionstream completion bash)
        _actionstream() {
            local word="${COMP_WORDS[COMP_CWORD]}" words
            words=$("${COMP_WORDS[0]}" "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null)
            [[ $word == -* ]] || words=$(grep -v '^[-/]' <<<"$words")
            local IFS=$'\n'
            COMPREPLY=($(compgen -W "$words" -- "$word"))
        }
        complete -o default -F _actionstream actionstream
        """;

    private const string Zsh = """
        # In ~/.zshrc, after compinit:  source <(actionstream completion zsh)
        _actionstream() {
            local -a found
            found=("${(@f)$(${words[1]} "[suggest:${CURSOR}]" "${BUFFER}" 2>/dev/null)}")
            [[ ${words[CURRENT]} == -* ]] || found=(${found:#-*})
            [[ -n ${found[*]} ]] && compadd -- $found
            _files
        }
        compdef _actionstream actionstream
        """;

    private const string Fish = """
        # In ~/.config/fish/config.fish:  actionstream completion fish | source
        function __actionstream
            set -l line (commandline --current-process)
            (commandline --tokenize)[1] "[suggest:"(commandline --cursor --current-process)"]" "$line" 2>/dev/null
        end
        complete --command actionstream --arguments '(__actionstream)'
        """;

    public static Command Create()
    {
        var shell = new Argument<string>("shell") { Description = "bash, zsh or fish." };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        var command = new Command("completion", "What to source in a shell so that it completes verbs, options and presets.") { shell };
        command.SetAction(parsed =>
        {
            Console.WriteLine(parsed.GetRequiredValue(shell) switch
            {
                "bash" => Bash,
                "zsh" => Zsh,
                _ => Fish,
            });
            return ExitCode.Good;
        });
        return command;
    }
}
