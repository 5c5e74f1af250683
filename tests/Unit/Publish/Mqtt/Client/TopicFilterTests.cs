using ActionStream.Publish.Mqtt.Client;

namespace ActionStream.Unit.Publish.Mqtt.Client;

public sealed class TopicFilterTests
{
    [Theory]
    [InlineData("p/+/enabled/set", "p/front/enabled/set", true)]
    [InlineData("p/+/enabled/set", "p/front/enabled/set/x", false)]
    [InlineData("p/+/enabled/set", "p/front/enabled", false)]
    [InlineData("p/front/#", "p/front/action/fall/state", true)]
    [InlineData("p/front/#", "p/front", true)]
    [InlineData("p/front/#", "p/front_door/status", false)]
    [InlineData("#", "anything/at/all", true)]
    [InlineData("p/edge/info", "p/edge/info", true)]
    [InlineData("p/edge/info", "p/edge/infos", false)]
    public void Wildcards_mean_what_they_mean_to_a_broker(string filter, string topic, bool matches) =>
        Assert.Equal(matches, TopicFilter.Matches(filter, topic));
}
