using Microsoft.Extensions.Logging;

namespace ActionStream.Host.Output;

/// <summary>How much is logged, so that it can change while the service runs.</summary>
internal sealed class LogSwitch(LogLevel level)
{
    private volatile LogLevel _level = level;

    public LogLevel Level
    {
        get => _level;
        set => _level = value;
    }

    public bool IsOn(LogLevel level) => level >= _level;
}
