using System.Runtime.InteropServices;

namespace ActionStream.Host;

/// <summary>SIGTERM and Ctrl-C as a token: the first asks to drain, the second leaves at once.</summary>
internal sealed class Signals : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _leave = new();
    private readonly PosixSignalRegistration[] _registrations;
    private PosixSignalRegistration? _hangup;

    public Signals()
    {
        _registrations = [.. new[] { PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGQUIT }.Select(
            signal => PosixSignalRegistration.Create(signal, Received))];
    }

    /// <summary>End the sources and drain.</summary>
    public CancellationToken Stop => _stop.Token;

    /// <summary>Leave now.</summary>
    public CancellationToken Leave => _leave.Token;

    /// <summary>SIGHUP calls this rather than ending the program.</summary>
    public void OnHangup(Action act) => _hangup ??= PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
    {
        signal.Cancel = true;
        act();
    });

    public void StopAfter(TimeSpan time) => _stop.CancelAfter(time);

    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }

        _hangup?.Dispose();
        _stop.Dispose();
        _leave.Dispose();
    }

    private void Received(PosixSignalContext signal)
    {
        signal.Cancel = true;
        var next = _stop.IsCancellationRequested ? _leave : _stop;
        next.Cancel();
    }
}
