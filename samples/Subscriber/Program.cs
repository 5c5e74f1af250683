using System.Runtime.InteropServices;
using Subscriber;

Arguments asked;
try
{
    asked = Arguments.Parse(args, Environment.GetEnvironmentVariable);
}
catch (Exception wrong) when (wrong is FormatException or IOException or UnauthorizedAccessException)
{
    Console.Error.WriteLine($"subscriber: {wrong.Message}\n{Arguments.Usage}");
    return 2;
}

using var leave = new CancellationTokenSource();
using var term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Leave);
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Leave);
var printer = new Printer(asked.Prefix, Console.Out, Console.Error, TimeProvider.System);
try
{
    await new Subscription(asked, printer, Console.Error, TimeProvider.System).RunAsync(leave.Token);
}
catch (OperationCanceledException) when (leave.IsCancellationRequested)
{
    // Asked to leave.
}

return 0;

void Leave(PosixSignalContext signal)
{
    signal.Cancel = true;
    leave.Cancel();
}
