using ActionStream.Core.Configuration;
using ActionStream.EndToEnd.Support;
using ActionStream.Publish.Mqtt.Client;

namespace ActionStream.EndToEnd.Contracts.Publish;

/// <summary>What is wrong with a broker is called by its name, by the client and by the running service.</summary>
public sealed class BrokerFaultTests : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly string _folder = Directory.CreateTempSubdirectory("actionstream-tls").FullName;

    public async Task InitializeAsync()
    {
        if (!Parts.IsThere("openssl"))
        {
            return; // each test says so
        }

        await OpenSsl.AuthorityAsync(_folder, "ours");
        await OpenSsl.AuthorityAsync(_folder, "theirs");
        await OpenSsl.CertificateAsync(_folder, "good", "ours", "IP:127.0.0.1", 2);
        await OpenSsl.CertificateAsync(_folder, "expired", "ours", "IP:127.0.0.1", -1);
        await OpenSsl.CertificateAsync(_folder, "misnamed", "ours", "DNS:broker.example", 2);
    }

    public Task DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return Task.CompletedTask;
    }

    private RealBroker Broker(string certificate, string rest = "allow_anonymous true") =>
        new($"{rest}\ncertfile {_folder}/{certificate}.pem\nkeyfile {_folder}/{certificate}.key");

    private MqttOptions Options(RealBroker broker, string? authority = "ours") =>
        broker.Options with { Tls = new() { Enabled = true, CaFile = authority is null ? null : $"{_folder}/{authority}.pem" } };

    private static async Task<MqttException> RefusedAsync(MqttOptions options)
    {
        await using var client = new MqttNetClient();
        return await Assert.ThrowsAsync<MqttException>(() => client.ConnectAsync(options, "a", null, default).WaitAsync(Limit));
    }

    [NeedsTheory("mosquitto", "openssl")]
    [InlineData("good", "theirs", MqttFault.TlsUntrusted)]
    [InlineData("good", null, MqttFault.TlsUntrusted)]
    [InlineData("expired", "ours", MqttFault.TlsExpired)]
    [InlineData("misnamed", "ours", MqttFault.TlsWrongName)]
    public async Task A_certificate_is_refused_for_what_is_wrong_with_it(string certificate, string? authority, MqttFault fault)
    {
        await using var broker = await Broker(certificate).StartAsync();
        var refused = await RefusedAsync(Options(broker, authority));
        Assert.Equal(fault, refused.Fault);
        Assert.Contains($"127.0.0.1:{broker.Port}", refused.Message, StringComparison.Ordinal);
    }

    [NeedsTheory("mosquitto", "openssl")]
    [InlineData("3.1.1")]
    [InlineData("5")]
    public async Task A_certificate_that_is_in_order_is_taken_and_a_wrong_password_is_called_that(string protocol)
    {
        await using var users = RealBroker.WithUser("edge", "right");
        await using var broker = await Broker("good", users.Settings).StartAsync();
        var options = Options(broker) with { Protocol = protocol, Username = "edge", Password = new Secret("right") };
        await using (var client = new MqttNetClient())
        {
            await client.ConnectAsync(options, "a", null, default).WaitAsync(Limit);
            await client.DisconnectAsync(default);
        }

        Assert.Equal(MqttFault.Auth, (await RefusedAsync(options with { Password = new Secret("wrong") })).Fault);
    }

    [NeedsFact("mosquitto", "openssl")]
    public async Task Tls_to_a_port_that_does_not_speak_it_is_no_matter_of_certificates()
    {
        await using var broker = await new RealBroker().StartAsync();
        Assert.True((await RefusedAsync(Options(broker))).Fault is MqttFault.Tls or MqttFault.Refused);
    }

    [NeedsFact("mosquitto", "openssl", "ffmpeg")]
    public async Task The_service_says_it_in_its_log_its_metrics_and_its_health_and_keeps_trying()
    {
        await using var broker = await Broker("expired").StartAsync();
        await using var service = await Service.StartAsync(
            $$"""
            node: edge
            model: {path: {{TestModel.Folder}}, device: cpu}
            http: {port: 0}
            mqtt: {host: 127.0.0.1, port: {{broker.Port}}, retry_ceiling: 1s, tls: {enabled: true, ca_file: {{_folder}}/ours.pem} }
            cameras:
              camera: {url: "lavfi:testsrc2=size=160x120:rate=25"}
            """);
        var line = await service.Child.LineAsync(line => line.Contains("Broker (", StringComparison.Ordinal), Limit);
        Assert.Contains("Broker (tls_expired)", line, StringComparison.Ordinal);
        using var limit = new CancellationTokenSource(Limit);
        while (await service.MetricAsync("actionstream_mqtt_connect_failures_total", "reason=\"tls_expired\"") < 2)
        {
            await Task.Delay(100, limit.Token);
        }

        Assert.Contains("broker: tls_expired, 127.0.0.1", await service.GetAsync("/health/ready"), StringComparison.Ordinal);
        Assert.Equal(0, await service.MetricAsync("actionstream_mqtt_connected"));
    }
}
