using ActionStream.Core.Configuration;
using ActionStream.Publish.Mqtt.Messages;

namespace ActionStream.Publish.Mqtt;

/// <summary>Whether and where Home Assistant is told of cameras and classes.</summary>
public sealed record DiscoveryOptions
{
    public bool Enabled { get; init; }

    /// <summary>Home Assistant's own discovery prefix.</summary>
    public string Prefix { get; init; } = "homeassistant";

    public void Check(ConfigCheck check) =>
        check.Expect(Topics.IsTopic(Prefix), Prefix, "the topic that Home Assistant discovers by, such as homeassistant");
}
