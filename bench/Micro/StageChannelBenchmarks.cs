using System.Diagnostics.Metrics;
using ActionStream.Core.Stages;
using BenchmarkDotNet.Attributes;

namespace ActionStream.Micro;

/// <summary>One item through the channel that every two stages share, when there is room and when the oldest must go.</summary>
[MemoryDiagnoser]
public class StageChannelBenchmarks
{
    private readonly Meter _meter = new("bench");
    private StageChannel<Item> _roomy = null!;
    private StageChannel<Item> _full = null!;

    private sealed class Item : IDisposable
    {
        public static readonly Item One = new();

        public void Dispose()
        {
        }
    }

    [GlobalSetup]
    public async Task PrepareAsync()
    {
        _roomy = new(new(8, DropPolicy.Oldest), new StageMeter(_meter, "roomy"));
        _full = new(new(8, DropPolicy.Oldest), new StageMeter(_meter, "full"));
        for (var i = 0; i < 8; i++)
        {
            await _full.WriteAsync(Item.One, CancellationToken.None);
        }
    }

    [Benchmark]
    public async Task WriteAndRead()
    {
        await _roomy.WriteAsync(Item.One, CancellationToken.None);
        _roomy.Reader.TryRead(out _);
    }

    [Benchmark]
    public ValueTask WriteWhenFull() => _full.WriteAsync(Item.One, CancellationToken.None);

    [GlobalCleanup]
    public void Cleanup() => _meter.Dispose();
}
