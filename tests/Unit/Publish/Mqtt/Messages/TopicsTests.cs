using ActionStream.Core.Configuration;
using ActionStream.Core.Results;
using ActionStream.Publish.Mqtt.Messages;

namespace ActionStream.Unit.Publish.Mqtt.Messages;

public sealed class TopicsTests
{
    private readonly Topics _topics = new("home/actionstream", "Edge 1");

    [Fact]
    public void Every_topic_is_where_the_documentation_says() => Assert.Equal(
        [
            "home/actionstream/edge_1/status", "home/actionstream/edge_1/info", "home/actionstream/edge_1/stats",
            "home/actionstream/front/status", "home/actionstream/front/events", "home/actionstream/front/scores",
            "home/actionstream/front/action/fall_floor/state",
        ],
        new[]
        {
            _topics.NodeStatus, _topics.NodeInfo, _topics.NodeStats, _topics.CameraStatus("front"), _topics.Events("front"),
            _topics.Scores("front"), _topics.State("front", "fall_floor"),
        });

    [Fact]
    public void No_name_reaches_into_anothers_topic()
    {
        var topic = _topics.Events("a/#/+\0");
        Assert.Equal("home/actionstream/a/events", topic);
    }

    [Fact]
    public void Labels_that_look_alike_keep_topics_of_their_own() =>
        Assert.Equal(["fall", "fall_1", "class_2", "sit_down"], Topics.ClassSlugs(["Fall", "fall!", "倒", "sit down"]));

    [Fact]
    public void Names_that_would_meet_are_reported()
    {
        var check = new ConfigCheck("a.yaml");
        Topics.CheckNames(check.At("cameras"), "edge1", ["front", "edge1", "Front Door"]);
        Assert.Equal(
            [
                "a.yaml:1: cameras.edge1 is also the node's name, and both would publish on one topic; rename one",
                "a.yaml:1: cameras.Front Door is not a name for topics; expected a-z, 0-9, _ and -, such as front_door",
            ],
            check.Problems.Select(problem => problem.ToString()));
    }

    public static TheoryData<string> OddNames =>
        ["a/b", "a+b", "a#", "+", "#", "../front", "$SYS", "küche", "玄関", "front\0", "front\n", "\uD800", "", new string('a', 200),
            "a/" + new string('b', 70_000)];

    [Theory]
    [MemberData(nameof(OddNames))]
    public void A_camera_whose_name_could_do_harm_in_a_topic_is_refused_and_would_do_none(string name)
    {
        var check = new ConfigCheck("a.yaml");
        Topics.CheckNames(check.At("cameras"), "edge1", [name]);
        Assert.Single(check.Problems);
        Assert.Matches("^home/actionstream/[a-z0-9_-]{0,64}/events$", _topics.Events(name));
    }

    [Theory]
    [MemberData(nameof(OddNames))]
    public void A_slug_of_a_slug_is_the_same(string name) =>
        Assert.Equal(Slug.Of(name), Slug.Of(Slug.Of(name)));

    [Fact]
    public void A_slug_that_is_cut_is_one_still() => Assert.Matches("^a{63}$", Slug.Of(new string('a', 63) + " b"));
}
