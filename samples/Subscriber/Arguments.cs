using System.Globalization;

namespace Subscriber;

/// <summary>Where to listen, from the environment and the command line; the command line wins.</summary>
internal sealed record Arguments
{
    public const string Usage =
        """
        usage: subscriber [--host NAME] [--port N] [--user NAME] [--password-file FILE] [--prefix TOPIC] [--session NAME]
          MQTT_HOST, MQTT_PORT, MQTT_USERNAME, MQTT_PASSWORD say the same where an option is left out.
          --session: the broker keeps events for this name while nobody listens.
        """;

    public string Host { get; init; } = "localhost";

    public int Port { get; init; } = 1883;

    public string? User { get; init; }

    public string? Password { get; init; }

    public string Prefix { get; init; } = "actionstream";

    public string? Session { get; init; }

    /// <summary>The password is not among what a log would show.</summary>
    public override string ToString() => $"{Host}:{Port}";

    public static Arguments Parse(IReadOnlyList<string> words, Func<string, string?> variable)
    {
        var asked = new Arguments
        {
            Host = Given(variable("MQTT_HOST")) ?? "localhost",
            Port = Given(variable("MQTT_PORT")) is { } port ? Number(port, "MQTT_PORT") : 1883,
            User = Given(variable("MQTT_USERNAME")),
            Password = Given(variable("MQTT_PASSWORD")),
        };
        for (var i = 0; i < words.Count; i += 2)
        {
            var value = i + 1 < words.Count ? words[i + 1] : throw new FormatException($"{words[i]} needs a value");
            asked = words[i] switch
            {
                "--host" => asked with { Host = value },
                "--port" => asked with { Port = Number(value, "--port") },
                "--user" => asked with { User = value },
                // A password on the command line could be read by everybody on this machine.
                "--password-file" => asked with { Password = File.ReadAllText(value).TrimEnd('\r', '\n') },
                "--prefix" => asked with { Prefix = value },
                "--session" => asked with { Session = value },
                _ => throw new FormatException($"{words[i]} is not an option"),
            };
        }

        return asked;
    }

    private static string? Given(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static int Number(string text, string name) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= 65535
            ? number
            : throw new FormatException($"{name} is {text}; expected a port from 1 to 65535");
}
