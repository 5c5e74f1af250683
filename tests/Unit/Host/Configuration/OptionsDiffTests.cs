using ActionStream.Core.Configuration;
using ActionStream.Host.Configuration;
using ActionStream.Inference.Batching;
using ActionStream.Inference.Configuration;
using ActionStream.Publish.Mqtt.Client;

namespace ActionStream.Unit.Host.Configuration;

public sealed class OptionsDiffTests
{
    [Fact]
    public void Equal_options_do_not_differ() =>
        Assert.Empty(OptionsDiff.Between(new PipelineOptions { Node = "edge" }, new PipelineOptions { Node = "edge" }));

    [Fact]
    public void Differences_are_named_as_in_the_file_and_show_no_secret()
    {
        var before = new PipelineOptions { Mqtt = new() { Password = new Secret("old") } };
        var after = before with
        {
            Node = "other",
            Mqtt = new MqttOptions { Host = "broker", Password = new Secret("new"), Tls = new() { Enabled = true } },
            Model = new ModelOptions { Device = DeviceRequest.Cpu, Batch = new() { Workers = 3 } },
            Cameras = new Dictionary<string, CameraOptions> { ["front"] = new() },
        };

        Assert.Equal(
            ["cameras.front", "model.batch.workers", "model.device", "mqtt.host", "mqtt.password", "mqtt.tls.enabled", "node"],
            OptionsDiff.Between(before, after).Order(StringComparer.Ordinal));
    }
}
