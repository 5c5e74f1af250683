using ActionStream.Ingest.Onvif;
using ActionStream.Support;

namespace ActionStream.Unit.Ingest.Onvif;

public sealed class MotionStateTests
{
    private const string Cell = "tns1:RuleEngine/CellMotionDetector/Motion";
    private const string Alarm = "t:VideoSource/t:MotionAlarm";

    private readonly MotionState _motion = new();

    [Theory]
    [InlineData(Cell, "IsMotion")]
    [InlineData(Alarm, "State")]
    public void Motion_begins_and_ends_by_either_topic_whatever_its_prefix(string topic, string item)
    {
        Take(topic, item, true);
        Assert.True(_motion.IsMoving);
        Take(topic, item, false);
        Assert.False(_motion.IsMoving);
    }

    [Fact]
    public void It_lasts_until_the_last_rule_is_quiet()
    {
        Take(Cell, "IsMotion", true, "gate");
        Take(Cell, "IsMotion", true, "yard");
        Take(Cell, "IsMotion", false, "gate");
        Assert.True(_motion.IsMoving);
        Take(Cell, "IsMotion", false, "yard");
        Assert.False(_motion.IsMoving);
    }

    [Fact]
    public void Other_topics_say_nothing()
    {
        Take("tns1:RuleEngine/LineDetector/Crossed", "IsMotion", true);
        Take("tns1:Device/Trigger/DigitalInput", "State", true);
        Assert.False(_motion.IsMoving);
    }

    [Fact]
    public void What_is_not_known_any_more_is_no_motion()
    {
        Take(Cell, "IsMotion", true);
        _motion.Clear();
        Assert.False(_motion.IsMoving);
    }

    private void Take(string topic, string item, bool isOn, string rule = "r1")
    {
        var answer = SoapMessage.Read(
            System.Text.Encoding.UTF8.GetBytes(OnvifAnswers.Pulled([OnvifAnswers.Motion(topic, item, isOn, rule)])), "camera");
        _motion.Take(answer.Descendants().Single(element => element.Name.LocalName == "NotificationMessage"));
    }
}
