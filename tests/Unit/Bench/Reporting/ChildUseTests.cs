using System.Diagnostics;
using ActionStream.Bench.Reporting;

namespace ActionStream.Unit.Bench.Reporting;

public sealed class ChildUseTests
{
    [Fact]
    public void The_kernels_line_is_read_past_a_name_with_spaces_and_brackets() => Assert.Equal(
        TimeSpan.FromMilliseconds(10 * (123 + 45)),
        ChildUse.FromStat("4711 (a (b) c) S 1 4711 4711 0 -1 4194560 100 0 0 0 123 45 7 8 20 0 4 0 99 1000 200 18446744073709551615"));

    [Fact]
    public async Task A_child_that_works_is_charged_for_what_it_did_and_one_that_ends_is_missed()
    {
        using var worker = Process.Start(
            new ProcessStartInfo("sh", ["-c", "read go; i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done; echo done; read end"])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            })!;
        // other tests have children of their own
        var used = new ChildUse(() => [.. ChildUse.Children().Where(child => child == worker.Id)]);
        await worker.StandardInput.WriteLineAsync("go");
        await worker.StandardOutput.ReadLineAsync();

        var all = ChildUse.Cpu(worker.Id);
        var elapsed = used.Since().Cpu;
        Assert.InRange(elapsed, TimeSpan.FromMilliseconds(20), all);

        await worker.StandardInput.WriteLineAsync("end");
        await worker.WaitForExitAsync();
        Assert.Throws<BenchException>(() => used.Since());
    }
}
