using System.Text;
using ActionStream.Ingest.Onvif;
using ActionStream.Ingest.Sources;
using ActionStream.Support;

namespace ActionStream.Unit.Ingest.Onvif;

public sealed class SoapMessageTests
{
    public static TheoryData<string, string> Hostile => new()
    {
        { "an entity that is a file", """<!DOCTYPE e [<!ENTITY x SYSTEM "file:///etc/passwd">]><e:Envelope>&x;</e:Envelope>""" },
        { "entities of entities", """<!DOCTYPE e [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><Envelope><Body>&b;</Body></Envelope>""" },
        { "a million levels", string.Concat(Enumerable.Repeat("<a>", 100_000)) },
        { "more than there is room for", $"<Envelope><Body>{new string('x', SoapMessage.Longest)}</Body></Envelope>" },
        { "a web page", "<html><body>Login</body></html>" },
        { "no XML", "{\"error\": 1}" },
        { "nothing", "" },
        { "half of it", "<Envelope><Body>" },
        { "no body", "<Envelope/>" },
    };

    [Theory]
    [MemberData(nameof(Hostile))]
    public void What_is_no_SOAP_or_an_attack_is_a_broken_source(string what, string text)
    {
        var broken = Assert.Throws<SourceException>(() => SoapMessage.Read(Encoding.UTF8.GetBytes(text), "camera"));
        Assert.True(broken.Fault == SourceFault.Broken, what);
    }

    [Fact]
    public void Answers_cut_or_spoiled_anywhere_are_read_or_refused_and_nothing_else()
    {
        var random = new Random(1);
        string[] answers = [OnvifAnswers.Pulled([OnvifAnswers.Motion("tns1:VideoSource/MotionAlarm", "State", true, "r")]),
            OnvifAnswers.Fault("env:Sender", "ter:NotAuthorized", "no"), OnvifBeacon.Matches("uuid:1", "urn:1", "http://127.0.0.1/x", "")];
        for (var i = 0; i < 5_000; i++)
        {
            var text = Encoding.UTF8.GetBytes(answers[i % answers.Length]);
            for (var spoiled = random.Next(4); spoiled >= 0; spoiled--)
            {
                text[random.Next(text.Length)] = (byte)random.Next(256);
            }

            text = random.Next(3) == 0 ? text[..random.Next(text.Length)] : text;
            _ = WsDiscovery.Read(text, System.Net.IPAddress.Loopback);
            try
            {
                var motion = new MotionState();
                foreach (var notification in SoapMessage.Read(text, "camera").Descendants())
                {
                    motion.Take(notification);
                }
            }
            catch (SourceException broken)
            {
                Assert.Equal(SourceFault.Broken, broken.Fault);
            }
        }
    }

    [Fact]
    public void A_line_from_outside_ends_no_line_of_ours() => Assert.Equal(
        "one  two three four", SoapMessage.Line("one\r\ntwo\u2028three\u0085four\u202e"));
}
