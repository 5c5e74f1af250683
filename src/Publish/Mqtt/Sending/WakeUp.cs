using System.Threading.Channels;

namespace ActionStream.Publish.Mqtt.Sending;

/// <summary>Wakes the one who waits, now or when he comes; calls that nobody waited for count as one.</summary>
internal sealed class WakeUp
{
    private readonly Channel<bool> _calls = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    public ValueTask<bool> WaitAsync() => _calls.Reader.ReadAsync(CancellationToken.None);

    public void Call() => _calls.Writer.TryWrite(true);
}
