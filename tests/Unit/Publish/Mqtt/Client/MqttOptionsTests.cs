using ActionStream.Core.Configuration;
using ActionStream.Publish.Mqtt.Client;

namespace ActionStream.Unit.Publish.Mqtt.Client;

public sealed class MqttOptionsTests
{
    [Fact]
    public void The_defaults_are_fine()
    {
        var check = new ConfigCheck("a.yaml");
        new MqttOptions().Check(check);
        Assert.Empty(check.Problems);
    }

    [Fact]
    public void Every_problem_is_reported_at_once_and_no_secret_with_it()
    {
        var check = new ConfigCheck("a.yaml");
        new MqttOptions
        {
            Host = "mqtt://me:hunter2@broker",
            Port = 0,
            Prefix = "home/#",
            ClientId = "",
            Password = new Secret("hunter2"),
            KeepAlive = TimeSpan.FromSeconds(1),
            Spool = new() { Messages = 0, Bytes = 1, Age = TimeSpan.Zero, Path = typeof(MqttOptionsTests).Assembly.Location },
            Tls = new() { CaFile = "/nowhere/ca.pem", KeyFile = "/nowhere/key.pem" },
        }.Check(check);

        var problems = check.Problems.Select(problem => problem.ToString()).ToArray();
        Assert.Equal(
            [
                "a.yaml:1: host is mqtt://***@broker; expected a host name or address, without mqtt:// and port",
                "a.yaml:1: port is 0; expected 1 to 65535",
                "a.yaml:1: prefix is home/#; expected one or more topic levels such as actionstream or home/cameras, without + and #",
                "a.yaml:1: client_id is missing; expected 1 to 128 characters",
                "a.yaml:1: username is missing; expected a user for the password",
                "a.yaml:1: keep_alive is 1s; expected 5s to 1h",
                "a.yaml:1: tls.ca_file is /nowhere/ca.pem; expected a file that exists",
                "a.yaml:1: tls.key_file is /nowhere/key.pem; expected a file that exists",
                "a.yaml:1: tls.cert_file is missing; expected the certificate of key_file",
                "a.yaml:1: tls.enabled is false; expected true: files are named, so encryption is meant",
                $"a.yaml:1: spool.path is {typeof(MqttOptionsTests).Assembly.Location}; expected a folder, not a file",
                "a.yaml:1: spool.messages is 0; expected 1 to 1000000 messages",
                "a.yaml:1: spool.bytes is 1; expected 65536 to 1073741824 (1 GiB)",
                "a.yaml:1: spool.age is 0ms; expected 1m to 365d",
            ],
            problems);
        Assert.DoesNotContain(problems, problem => problem.Contains("hunter2", StringComparison.Ordinal));
        Assert.DoesNotContain("hunter2", new MqttOptions { Password = new Secret("hunter2") }.ToString(), StringComparison.Ordinal);
    }
}
