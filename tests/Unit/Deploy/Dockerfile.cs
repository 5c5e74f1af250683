using System.Text.Json;
using System.Text.RegularExpressions;

namespace ActionStream.Unit.Deploy;

/// <summary>A Dockerfile, stage by stage, as far as ours goes: one line or several joined by backslashes for each instruction.</summary>
internal sealed partial class Dockerfile
{
    private readonly List<(string Name, List<(string Keyword, string Text)> Instructions)> _stages = [];

    public Dockerfile(string text)
    {
        var lines = string.Join('\n', text.Split('\n').Where(line => !line.StartsWith('#')));
        foreach (var line in Continued().Replace(lines, " ").Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var (keyword, rest) = line.Split(' ', 2) is [var first, var second] ? (first, second.Trim()) : throw new FormatException(line);
            if (keyword == "FROM")
            {
                _stages.Add((rest.Split(" AS ") is [_, var name] ? name.Trim() : throw new FormatException(line), []));
            }
            else if (_stages.Count > 0)
            {
                _stages[^1].Instructions.Add((keyword, rest));
            }
        }
    }

    /// <summary>One COPY: from the build context, or from another stage where that is named.</summary>
    public sealed record Copy(string? Stage, IReadOnlyList<string> Sources, string Target)
    {
        /// <summary>Which files of the context this source names, and where each of them goes.</summary>
        public IEnumerable<(string From, string To)> Files(string source, IReadOnlyList<string> context)
        {
            var pattern = new Regex($"^{DockerIgnore.Translate(source)}(?<below>/.*)?$");
            return from path in context
                   let match = pattern.Match(path)
                   where match.Success
                   let below = match.Groups["below"]
                   select (path, below.Success ? Path.Combine(Target, below.Value[1..])
                       : Target.EndsWith('/') ? Path.Combine(Target, Path.GetFileName(path))
                       : Target);
        }
    }

    public IEnumerable<string> Stages => _stages.Select(stage => stage.Name);

    public IEnumerable<(string Keyword, string Text)> Instructions(string stage) => _stages.Single(one => one.Name == stage).Instructions;

    public IEnumerable<string> Texts(string stage, string keyword) =>
        Instructions(stage).Where(instruction => instruction.Keyword == keyword).Select(instruction => instruction.Text);

    public IEnumerable<Copy> Copies(string stage) => Texts(stage, "COPY").Select(CopyOf);

    public static Copy CopyOf(string text)
    {
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var stage = words[0].StartsWith("--from=", StringComparison.Ordinal) ? words[0]["--from=".Length..] : null;
        return new(stage, words[(stage is null ? 0 : 1)..^1], words[^1]);
    }

    /// <summary>What ENV and the defaults of ARG put into the environment.</summary>
    public IEnumerable<(string Name, string Value)> Environment(string stage) =>
        from instruction in Instructions(stage)
        where instruction.Keyword is "ENV" or "ARG"
        from word in instruction.Text.Split(' ', StringSplitOptions.RemoveEmptyEntries)
        where word.Contains('=', StringComparison.Ordinal)
        let pair = word.Split('=', 2)
        select (pair[0], pair[1]);

    /// <summary>ENTRYPOINT and CMD, which are JSON.</summary>
    public IReadOnlyList<string> Command(string stage) =>
        [.. ((string[])["ENTRYPOINT", "CMD"]).SelectMany(keyword => JsonSerializer.Deserialize<string[]>(Texts(stage, keyword).Single())!)];

    /// <summary>What apt-get installs.</summary>
    public IReadOnlyList<string> Packages(string stage) =>
    [
        .. Texts(stage, "RUN").SelectMany(text => Install().Matches(text))
            .SelectMany(match => match.Groups[1].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Where(word => word[0] != '-'),
    ];

    [GeneratedRegex(@"\s*\\\n\s*")]
    private static partial Regex Continued();

    [GeneratedRegex(@"apt-get install ([^&;|]+)")]
    private static partial Regex Install();
}
