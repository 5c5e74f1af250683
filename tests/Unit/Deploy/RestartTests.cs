using System.Text.RegularExpressions;
using ActionStream.Host;
using ActionStream.Unit.Support;

namespace ActionStream.Unit.Deploy;

/// <summary>Supervisors as we describe them start the service anew after what a new process may heal, and only then.</summary>
public sealed class RestartTests
{
    private static readonly int[] HealedByRestart = [ExitCode.Failed, ExitCode.Hung];

    [Fact]
    public void The_systemd_unit_restarts_after_a_hung_run_and_not_after_a_wrong_configuration()
    {
        var unit = File.ReadAllText(Repository.At("docs/operating.md"));
        Assert.Contains("\nRestart=on-failure\n", unit, StringComparison.Ordinal);
        var prevented = Regex.Match(unit, "\nRestartPreventExitStatus=(.*)\n").Groups[1].Value.Split(' ').Select(int.Parse).ToArray();
        Assert.Equal([ExitCode.Wrong], prevented);
        Assert.Empty(prevented.Intersect(HealedByRestart));
    }

    [Fact]
    public void Compose_restarts_the_service_whatever_its_exit_code()
    {
        var service = Regex.Match(
            File.ReadAllText(Repository.At("compose.yaml")), @"^  actionstream:\n(?:    .*\n|\n)+", RegexOptions.Multiline).Value;
        Assert.Matches(@"\n    restart: (unless-stopped|always)\n", service);
    }

    [Fact]
    public void The_Deployment_leaves_its_pods_policy_at_Always()
    {
        var deployment = File.ReadAllText(Repository.At("deploy/kubernetes/deployment.yaml"));
        Assert.Matches("kind: Deployment", deployment);
        Assert.DoesNotMatch("restartPolicy: (Never|OnFailure)", deployment);
    }

    [Fact]
    public void Every_exit_code_is_documented_where_people_look()
    {
        foreach (var code in typeof(ExitCode).GetFields().Select(field => (int)field.GetRawConstantValue()!))
        {
            Assert.Matches($@"(?m)^Exit codes: .*\b{code} ", File.ReadAllText(Repository.At("docs/operating.md")));
            Assert.Matches($@"(?m)^\*\*Exit codes\.\*\* .*\b{code}: ", File.ReadAllText(Repository.At("docs/cli.md")));
        }
    }
}
