using System.Runtime.InteropServices;

namespace ActionStream.Host;

/// <summary>SIGTERM and Ctrl-C as a token: the first asks to drain, the second leaves at once.</summary>
internal sealed class Signals : IDisposable
{
    private static readonly List<PosixSignalRegistration> Held = []; // for as long as the process lives

    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _leave = new();
    private volatile bool _isOver;
    private int _late;

    public Signals()
    {
        foreach (var signal in (PosixSignal[])[PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGQUIT])
        {
            Hold(signal, Received);
        }
    }

    /// <summary>End the sources and drain.</summary>
    public CancellationToken Stop => _stop.Token;

    /// <summary>Leave now.</summary>
    public CancellationToken Leave => _leave.Token;

    /// <summary>SIGHUP calls this rather than ending the program.</summary>
    public static void OnHangup(Action act) => Hold(PosixSignal.SIGHUP, signal =>
    {
        signal.Cancel = true;
        act();
    });

    public void StopAfter(TimeSpan time) => _stop.CancelAfter(time);

    /// <summary>The work is over and the process about to end with its exit code: a first signal from here on changes nothing, a second
    /// one ends it. Nothing is taken down, for a signal may be on its way.</summary>
    public void Dispose() => _isOver = true;

    private static void Hold(PosixSignal signal, Action<PosixSignalContext> act)
    {
        lock (Held)
        {
            Held.Add(PosixSignalRegistration.Create(signal, act));
        }
    }

    private void Received(PosixSignalContext signal)
    {
        if (_isOver)
        {
            signal.Cancel = Interlocked.Increment(ref _late) == 1;
            return;
        }

        signal.Cancel = true;
        var next = _stop.IsCancellationRequested ? _leave : _stop;
        next.Cancel();
    }
}
