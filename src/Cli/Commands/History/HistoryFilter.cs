using System.CommandLine;
using ActionStream.Core.Configuration;
using ActionStream.Host;
using ActionStream.Host.Configuration;
using ActionStream.Host.History;

namespace ActionStream.Cli.Commands.History;

/// <summary>The options by which the verbs of `history` say which file and which events.</summary>
internal sealed class HistoryFilter
{
    private readonly Option<string?> _config = new("--config", "-c") { Description = "The service's configuration, which names the file." };
    private readonly Option<string?> _file = new("--file", "-f") { Description = "The file itself." };
    private readonly Option<string?> _camera = new("--camera") { Description = "Of one camera, by its key." };
    private readonly Option<string?> _label = new("--label") { Description = "Of one label." };
    private readonly Option<string?> _from = new("--from")
    {
        Description = "Begun then or later: 2026-05-01, 2026-05-01T22:00 (local), or how long ago: 2h, 7d.",
    };

    private readonly Option<string?> _to = new("--to") { Description = "Begun before; likewise." };
    private readonly Option<bool> _nearMisses = new("--near-misses") { Description = "What almost became an event, in place of events." };

    public void AddFileTo(Command command)
    {
        command.Options.Add(_config);
        command.Options.Add(_file);
    }

    public void AddTo(Command command)
    {
        AddFileTo(command);
        Option[] all = [_camera, _label, _from, _to, _nearMisses];
        Array.ForEach(all, command.Options.Add);
    }

    /// <exception cref="UsageException">It is not told, or there is none.</exception>
    public string Path(ParseResult parsed) => (parsed.GetValue(_file), parsed.GetValue(_config)) switch
    {
        ({ } file, null) => file,
        (null, { } config) => ConfigFile.Load(config).History is { IsOn: true } history
            ? history.Path
            : throw new UsageException($"{config}: history.path is empty; expected the file that the service writes"),
        _ => throw new UsageException("no file is told; expected --config with the service's configuration, or --file with its history"),
    };

    public HistoryQuery Query(ParseResult parsed) => new(
        parsed.GetValue(_camera), parsed.GetValue(_label), Time("--from", parsed.GetValue(_from)), Time("--to", parsed.GetValue(_to)),
        parsed.GetValue(_nearMisses));

    private static DateTimeOffset? Time(string option, string? typed) => typed is null
        ? null
        : HistoryTime.TryParse(typed, TimeProvider.System, out var time)
            ? time
            : throw new UsageException(
                $"{option} is {SafeUri.Scrub(typed)}; expected a time such as 2026-05-01 or 2026-05-01T22:00, "
                + "or how long ago, such as 2h or 7d");
}
