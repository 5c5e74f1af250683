using System.Diagnostics;
using Xunit.Abstractions;

namespace ActionStream.Unit.Fuzz;

/// <summary>Reads damaged files one by one: each is read or refused, soon, and without a grab for memory.</summary>
internal sealed class FuzzWatch(ITestOutputHelper output, string kind, long mostBytes = 1_000_000_000)
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(2);
    private TimeSpan _slowest;
    private long _largest;

    public int Read { get; private set; }

    public int Refused { get; private set; }

    /// <param name="read">Reads the file of that seed, or throws what <paramref name="isRefusal"/> knows.</param>
    public void Try(int seed, Action read, Predicate<Exception> isRefusal)
    {
        var started = Stopwatch.GetTimestamp();
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            read();
            Read++;
        }
        catch (Exception refused) when (isRefusal(refused))
        {
            Assert.NotEmpty(refused.Message);
            Refused++;
        }
        catch (Exception odd) when (odd is not Xunit.Sdk.XunitException)
        {
            Assert.Fail($"{kind}, seed {seed}: {odd}");
        }

        var (took, bytes) = (Stopwatch.GetElapsedTime(started), GC.GetAllocatedBytesForCurrentThread() - before);
        _slowest = took > _slowest ? took : _slowest;
        _largest = Math.Max(_largest, bytes);
        Assert.True(took < Longest, $"{kind}, seed {seed} took {took}");
        Assert.True(bytes < mostBytes, $"{kind}, seed {seed} took {bytes} bytes");
    }

    /// <summary>Tells the totals; damage so bad that nothing is read tests little, and so does damage that nobody minds.</summary>
    public void Close()
    {
        output.WriteLine(
            $"{kind}: {Read} read, {Refused} refused, slowest {_slowest.TotalMilliseconds:f0} ms, "
            + $"at most {_largest / 1e6:f1} MB allocated");
        Assert.True(Read > 0 && Refused > 0, $"{kind}: {Read} read, {Refused} refused");
    }
}
