using System.Globalization;
using ActionStream.EndToEnd.Support;

namespace ActionStream.EndToEnd.Measurements.Chaos;

/// <summary>Who judges is judged: each kind of fault that chaos looks for is seen where it is, and not where it is not.</summary>
public sealed class ChaosJudgingTests
{
    [Fact]
    public void Events_that_begin_and_end_once_are_fine_and_so_is_a_message_that_comes_twice() => Assert.Empty(
        Faults(("a", "start", 0), ("a", "update", 1), ("a", "update", 1), ("a", "end", 2), ("b", "start", 3), ("b", "end", 4)));

    [Fact]
    public void An_event_without_an_end_is_seen() => Assert.Contains("\"start\"", Assert.Single(Faults(("a", "start", 0))), StringComparison.Ordinal);

    [Fact]
    public void A_second_end_is_seen() =>
        Assert.Contains("\"start end end\"", Assert.Single(Faults(("a", "start", 0), ("a", "end", 1), ("a", "end", 2))), StringComparison.Ordinal);

    [Fact]
    public void A_missing_message_is_seen() =>
        Assert.Equal(["front: message 2 after 0"], Faults(("a", "start", 0), ("a", "end", 2)));

    [Fact]
    public void Two_events_at_once_are_seen() => Assert.Contains(
        Faults(("a", "start", 0), ("b", "start", 1), ("a", "end", 2), ("b", "end", 3)),
        fault => fault.Contains("begins while a is open", StringComparison.Ordinal));

    [Fact]
    public void The_longest_distance_counts_the_beginning_and_the_end_too()
    {
        var decisions = new Decisions();
        foreach (var end in (double[])[11, 12, 12.5, 14.5, 15])
        {
            decisions.Add("front", end, latency: end < 13 ? 0.1 : 0.4);
        }

        var (ofWindows, ofAnswers) = decisions.Longest("front", 10, 16);
        Assert.Equal((2, 12.5), (ofWindows.Seconds, ofWindows.At));
        Assert.Equal(2.3, ofAnswers.Seconds, 0.001);
        Assert.Equal(4, decisions.Longest("front", 10, 19).OfWindows.Seconds);
        Assert.Equal(6, decisions.Longest("other", 10, 16).OfWindows.Seconds);
    }

    [Fact]
    public void A_password_is_found_as_it_is_and_as_it_stands_in_an_address()
    {
        var secrets = new PlantedSecrets();
        secrets.Search("log", "rtsp://***@127.0.0.1/cam0 hung up");
        Assert.Empty(secrets.Found);
        secrets.Search("log", $"rtsp://watch:{secrets.CameraInAddress}@127.0.0.1/cam0 hung up");
        secrets.Search("page", $"password {secrets.Http}.");
        Assert.Equal(["log", "page"], secrets.Found.Select(found => found.Split(':')[0]));
    }

    private static IReadOnlyList<string> Faults(params (string Id, string Type, int Seq)[] steps) => new EventLedger(
        steps.Select(step => new Listener.Message(0, false, "actionstream/front/events", string.Create(
            CultureInfo.InvariantCulture,
            $$"""
            {"type":"{{step.Type}}","event_id":"{{step.Id}}","seq":{{step.Seq}},"boot_id":"1","camera":"front","label":"fall","end_reason":null}
            """))),
        _ => true).Faults;
}
