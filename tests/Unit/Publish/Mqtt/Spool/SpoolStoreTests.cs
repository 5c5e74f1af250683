using System.Text;
using System.Text.Json;
using ActionStream.Publish.Events;
using ActionStream.Publish.Mqtt;
using ActionStream.Unit.Support;
using Microsoft.Extensions.Logging;

namespace ActionStream.Unit.Publish.Mqtt.Spool;

/// <summary>What survives the death of the process.</summary>
public sealed class SpoolStoreTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("actionstream-spool").FullName;
    private readonly FakeClock _clock = new();
    private readonly LogLines<SpoolStore> _log = new();

    private SpoolOptions Options => new() { Path = Path.Combine(_folder, "spool"), Messages = 100 };

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private SpoolStore Open() => new(Options, "edge", _clock, _log);

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static string[] Texts(IEnumerable<SpooledEvent> events) => [.. events.Select(one => Encoding.UTF8.GetString(one.Payload.Span))];

    private static long Add(SpoolStore store, string text, string id = "e", EventType type = EventType.Update) =>
        store.Add("p/front/events", Bytes(text), new(id, type));

    [Fact]
    public void What_waited_waits_again_in_its_order_and_what_was_delivered_does_not()
    {
        using (var store = Open())
        {
            var first = Add(store, "1");
            Add(store, "2");
            store.Done(Add(store, "3"));
            store.Done(first);
            Add(store, "4");
        }

        using (var store = Open())
        {
            Assert.Equal(["2", "4"], Texts(store.Former));
            Assert.Equal("p/front/events", store.Former[0].Topic);
            store.Done(store.Former[0].Number);
            Add(store, "5");
        }

        using var last = Open();
        Assert.Equal(["4", "5"], Texts(last.Former));
    }

    [Fact]
    public void Events_that_were_open_are_known_by_the_last_that_was_said_of_them()
    {
        using (var store = Open())
        {
            store.Done(Add(store, "a start", "a", EventType.Start));
            store.Done(Add(store, "b start", "b", EventType.Start));
            store.Done(Add(store, "a update", "a"));
            store.Done(Add(store, "b end", "b", EventType.End));
            Add(store, "c start", "c", EventType.Start);
            _clock.Advance(TimeSpan.FromSeconds(7));
            store.Alive();
        }

        for (var start = 0; start < 2; start++) // a second crash before it was repaired
        {
            using var store = Open();
            Assert.Equal(["a update", "c start"], Texts(store.Crashed));
            Assert.Equal(["c start"], Texts(store.Former));
        }
    }

    [Fact]
    public void The_file_stays_within_twice_what_waits()
    {
        using var store = Open();
        var payload = new string('x', 1000);
        var longest = 0L;
        for (var i = 0; i < 5000; i++)
        {
            store.Done(Add(store, payload, $"{i % 7}", (EventType)(i % 3)));
            longest = Math.Max(longest, store.Length);
        }

        Assert.InRange(longest, 100_000, 300_000);
        Assert.Single(Directory.EnumerateFiles(Options.Path));
    }

    [Fact]
    public void A_disk_that_fails_is_complained_of_once_and_used_again_when_it_works()
    {
        File.WriteAllText(Options.Path, "a file where the folder should be");
        using (var store = Open())
        {
            Add(store, "1");
            Add(store, "2");
            Assert.Equal(0, store.Length);
            Assert.Single(_log.Lines, line => line.Level == LogLevel.Error);

            File.Delete(Options.Path);
            _clock.Advance(TimeSpan.FromSeconds(31));
            Add(store, "3");
            Assert.True(store.Length > 0);
        }

        using var next = Open();
        Assert.Equal(["1", "2", "3"], Texts(next.Former));
    }

    [Fact]
    public void Without_a_path_nothing_is_kept()
    {
        using var store = new SpoolStore(new(), "edge", _clock, _log);
        Assert.Equal(0, Add(store, "1"));
        store.Alive();
        Assert.Equal((0, 0), (store.Length, Directory.GetFileSystemEntries(_folder).Length));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Whenever_it_dies_nothing_that_waited_is_lost_and_nothing_delivered_comes_back(int seed)
    {
        var random = new Random(seed);
        List<(long Number, string Text)> waiting = [];
        for (var life = 0; life < 20; life++)
        {
            var store = Open();
            Assert.Equal(waiting.Select(one => one.Text), Texts(store.Former));
            waiting = [.. store.Former.Select(one => (one.Number, Encoding.UTF8.GetString(one.Payload.Span)))];
            for (var i = random.Next(200); i > 0; i--)
            {
                if (random.Next(2) == 0 && waiting.Count > 0)
                {
                    var which = random.Next(waiting.Count);
                    store.Done(waiting[which].Number);
                    waiting.RemoveAt(which);
                }
                else
                {
                    var text = $"{life}/{i}/{new string('x', random.Next(3000))}";
                    waiting.Add((Add(store, text), text));
                }
            }

            store.Dispose(); // dying would leave the same bytes: each write went to the system whole
        }
    }

    [Fact]
    public void The_end_of_a_crashed_event_says_until_when_it_is_known_to_have_lasted()
    {
        var said = """{"type":"start","event_type":"fall","event_id":"e1","seq":7,"boot_id":"old","camera":"front","label":"Fall","start_time":1767262502.32,"end_time":null,"duration":0,"window":{"end":1767262502.82},"end_reason":null,"late":false}""";
        var step = new SpooledEvent(1, default, new("e1", EventType.Start), "p/front/events", Bytes(said));
        var end = CrashEnd.Of(step, DateTimeOffset.FromUnixTimeMilliseconds(1767262510_320))!;
        Assert.Equal(("front", "Fall", "e1", "p/front/events"), (end.Camera, end.Label, end.EventId, end.Topic));
        using var json = JsonDocument.Parse(end.Payload(3, "new"));
        var root = json.RootElement;
        Assert.Equal(
            ("end", "fall", "e1", 3, "new", 1767262510.32m, 8m, "crashed", true),
            (root.GetProperty("type").GetString(), root.GetProperty("event_type").GetString(), root.GetProperty("event_id").GetString(),
                root.GetProperty("seq").GetInt32(), root.GetProperty("boot_id").GetString(), root.GetProperty("end_time").GetDecimal(),
                root.GetProperty("duration").GetDecimal(), root.GetProperty("end_reason").GetString(),
                root.GetProperty("late").GetBoolean()));
        Assert.Equal(
            1767262502.82m, JsonDocument.Parse(CrashEnd.Of(step, null)!.Payload(0, "b")).RootElement.GetProperty("end_time").GetDecimal());
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("""{"camera":"front"}""")]
    [InlineData("""{"camera":1,"label":"x","start_time":0}""")]
    [InlineData("""{"camera":"front","label":"x","start_time":"soon"}""")]
    public void What_is_no_event_gets_no_end(string said) =>
        Assert.Null(CrashEnd.Of(new(1, default, new("e", EventType.Start), "t", Bytes(said)), null));
}
