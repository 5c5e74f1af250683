using ActionStream.Publish.Mqtt.Sending;
using Microsoft.Extensions.Logging;

namespace ActionStream.EndToEnd.Contracts.Publish;

/// <summary>What a link logged.</summary>
internal sealed class LinkLines : ILogger<MqttLink>
{
    private readonly List<string> _lines = [];

    public string[] Texts
    {
        get
        {
            lock (_lines)
            {
                return [.. _lines];
            }
        }
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (_lines)
        {
            _lines.Add(formatter(state, exception));
        }
    }
}
