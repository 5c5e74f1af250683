using System.Globalization;

namespace ActionStream.Cli.Output;

/// <summary>Says that something is going on while nothing can be said yet: on a terminal a line that counts the seconds and goes
/// away, elsewhere one line.</summary>
internal sealed class WaitingLine(TextWriter output, bool isTerminal, TimeProvider time)
{
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(1);

    public static WaitingLine OnError => new(Console.Error, !Console.IsErrorRedirected, TimeProvider.System);

    public async Task<T> ShowAsync<T>(string what, Task<T> work)
    {
        if (!isTerminal)
        {
            await output.WriteLineAsync(what);
            return await work;
        }

        var start = time.GetTimestamp();
        using var timer = new PeriodicTimer(Step, time);
        var width = 0;
        Task tick;
        do
        {
            var line = string.Create(CultureInfo.InvariantCulture, $"{what} ({time.GetElapsedTime(start).TotalSeconds:0} s)");
            width = Math.Max(width, line.Length);
            await output.WriteAsync($"\r{line}");
            tick = timer.WaitForNextTickAsync().AsTask();
        }
        while (await Task.WhenAny(work, tick) != work);

        await output.WriteAsync($"\r{new string(' ', width)}\r");
        return await work;
    }
}
