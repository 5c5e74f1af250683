using System.Diagnostics;
using ActionStream.Bench.Reporting;

namespace ActionStream.Unit.Bench.Reporting;

public sealed class TreeUseTests
{
    [Fact]
    public async Task A_child_that_ended_meanwhile_is_charged_too_and_one_that_is_left_out_is_not()
    {
        using var left = Process.Start(new ProcessStartInfo("sh", ["-c", "read end"]) { RedirectStandardInput = true })!;
        var use = new TreeUse(left.Id);
        Assert.DoesNotContain(left.Id, use.Running);
        using var worker = Process.Start("sh", ["-c", "i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done"]);
        await worker.WaitForExitAsync();

        // Other tests have children of their own.
        Assert.InRange(use.Since().Children, TimeSpan.FromMilliseconds(20), TimeSpan.FromMinutes(5));
        Assert.InRange(TreeUse.Mib(left.Id), 0.01, 100);
        Assert.Equal(0, TreeUse.Mib(worker.Id));
        left.StandardInput.Close();
        await left.WaitForExitAsync();
    }
}
