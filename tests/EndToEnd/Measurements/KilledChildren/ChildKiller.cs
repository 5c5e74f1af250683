using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.InteropServices;
using ActionStream.EndToEnd.Support;

namespace ActionStream.EndToEnd.Measurements.KilledChildren;

/// <summary>Kills and stops readers and decoders by chance, from a seed.</summary>
/// <param name="programs">What each camera's children are called by.</param>
/// <param name="stall">After which a child that is silent is replaced.</param>
internal sealed partial class ChildKiller(
    IReadOnlyList<(WatchedCamera Camera, string Program, bool Sleeps)> programs, Random chance, TimeSpan stall, Action<string> say)
{
    private const int Cont = 18;

    /// <summary>Of a stopped child, beyond the stall: it may have been connecting, and is asked before it is ended.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(10);

    private static readonly TimeProvider Clock = TimeProvider.System;
    private static readonly (string Name, int Number)[] Signals = [("KILL", 9), ("KILL", 9), ("TERM", 15), ("SEGV", 11), ("STOP", 19)];

    private readonly Dictionary<string, int> _done = [];
    private readonly ConcurrentDictionary<WatchedCamera, int> _stopped = [];
    private readonly Dictionary<WatchedCamera, (long Since, int InARow)> _decodersHit = [];

    /// <summary>What was done, and how often.</summary>
    public string Done => string.Join(", ", _done.OrderBy(kind => kind.Key).Select(kind => $"{kind.Key} {kind.Value}"));

    /// <summary>Returns when nothing is stopped any more.</summary>
    public async Task RunAsync(TimeSpan span)
    {
        var begun = Clock.GetTimestamp();
        var stops = new List<Task>();
        while (Clock.GetElapsedTime(begun) < span)
        {
            await Task.Delay(TimeSpan.FromSeconds(0.2 + 0.8 * chance.NextDouble()), Clock);
            var (at, isReader) = (programs[chance.Next(programs.Count)], chance.Next(3) == 0);
            var (signal, number) = Signals[chance.Next(Signals.Length)];
            var lasts = chance.Next(2) == 0 ? TimeSpan.FromSeconds(0.3 + chance.NextDouble()) : stall + Slack;
            if (_stopped.ContainsKey(at.Camera) || Child(at.Program, isReader) is not { } child || (!isReader && IsSpared(at.Camera)))
            {
                continue;
            }

            if (isReader && (signal != "STOP" || lasts > stall))
            {
                at.Camera.ReaderAttacked();
            }

            if (Kill(child, number) != 0)
            {
                continue;
            }

            var what = $"{(isReader ? "reader" : "decoder")} {signal}{(signal != "STOP" ? "" : lasts < stall ? " short" : " long")}";
            _done[what] = _done.GetValueOrDefault(what) + 1;
            var now = Clock.GetElapsedTime(begun);
            say(string.Create(CultureInfo.InvariantCulture, $"{now.TotalSeconds,6:0.0} s  {at.Camera.Name} {what}"));
            if (signal == "STOP")
            {
                stops.Add(HoldAsync(at.Camera, at.Program, at.Sleeps && !isReader, child, lasts, what));
            }
        }

        await Task.WhenAll(stops);
    }

    // A decoder that dies before its first frame is tried again twice, and no more.
    private bool IsSpared(WatchedCamera camera)
    {
        var (since, inARow) = _decodersHit.GetValueOrDefault(camera);
        inARow = camera.IsSeenSince(since) ? 1 : inARow + 1;
        if (inARow > 1)
        {
            return true;
        }

        _decodersHit[camera] = (Clock.GetTimestamp(), inARow);
        return false;
    }

    private async Task HoldAsync(WatchedCamera camera, string program, bool mayLast, int child, TimeSpan lasts, string what)
    {
        _stopped[camera] = child;
        var begun = Clock.GetTimestamp();
        while (Clock.GetElapsedTime(begun) < lasts && IsOf(child, program))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), Clock);
        }

        if (IsOf(child, program))
        {
            _ = Kill(child, Cont);
            if (lasts > stall && !mayLast)
            {
                camera.Fault($"{what}: it was not replaced within {lasts.TotalSeconds:0.0} s");
            }
        }

        _stopped.TryRemove(camera, out _);
    }

    private int? Child(string program, bool isReader)
    {
        int[] all = [.. Processes.Children(Environment.ProcessId).Where(child => IsOf(child, program) && IsReader(child) == isReader)];
        return all.Length == 0 ? null : all[chance.Next(all.Length)];
    }

    private static bool IsOf(int child, string program) =>
        ProcessTree.CommandLine(child).Contains(program + " ", StringComparison.Ordinal);

    private static bool IsReader(int child) => !ProcessTree.CommandLine(child).Contains("-f nut -i pipe:0 ", StringComparison.Ordinal);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
